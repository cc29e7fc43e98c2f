//! `TestStateInput` of the service model.

use data::{Data, EcoString};

use super::error::TestStateError;
use super::reader::Reader;

/// What to test, and how. Members and bounds are those of `TestStateInput` in the service model of Step
/// Functions (2016-11-23).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestStateRequest {
    /// A single state, or a whole state machine if `state_name` says which of its states.
    pub definition: String,
    /// The role that AWS would run the state with.
    pub role_arn: Option<EcoString>,
    /// The state's raw input as JSON text, `{}` if absent.
    pub input: Option<String>,
    /// How much to show.
    pub inspection_level: InspectionLevel,
    /// Whether `inspectionData.request` shows what a connection adds. The worker of an HTTP task keeps to it.
    pub reveal_secrets: bool,
    /// The workflow variables, a JSON object as text.
    pub variables: Option<String>,
    /// The state of a whole machine.
    pub state_name: Option<EcoString>,
    /// What the state's work comes to, instead of doing it.
    pub mock: Option<MockInput>,
    /// The Context Object, a JSON object as text.
    pub context: Option<String>,
    /// Where in its life the state is.
    pub state_configuration: TestStateConfiguration,
}

/// `InspectionLevel`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InspectionLevel {
    /// The output alone.
    #[default]
    Info,
    /// The data between the stages too.
    Debug,
    /// The request and response of an HTTP task too.
    Trace,
}

/// `MockInput`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MockInput {
    /// The result, as JSON text.
    pub result: Option<String>,
    /// The failure.
    pub error_output: Option<MockErrorOutput>,
    /// How closely the result is held against the API's model.
    pub field_validation_mode: MockResponseValidationMode,
}

/// `MockErrorOutput`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MockErrorOutput {
    /// The error name.
    pub error: Option<EcoString>,
    /// The cause.
    pub cause: Option<EcoString>,
}

/// `MockResponseValidationMode`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MockResponseValidationMode {
    /// Every required field is there, and every field that is there conforms.
    #[default]
    Strict,
    /// Every field that is there conforms.
    Present,
    /// Anything goes.
    None,
}

/// `TestStateConfiguration`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestStateConfiguration {
    /// How often the retrier that is responsible for the error has been used.
    pub retrier_retry_count: Option<u32>,
    /// The state inside a Parallel or Map that a mocked error comes from.
    pub error_caused_by_state: Option<EcoString>,
    /// How many iterations of a Map failed.
    pub map_iteration_failure_count: Option<u32>,
    /// What the ItemReader of a Map reads, as it is at its source.
    pub map_item_reader_data: Option<String>,
}

const MAX_DATA: usize = 262_144;
const MAX_DEFINITION: usize = 1_048_576;

impl InspectionLevel {
    const ALL: &[(&str, InspectionLevel)] = &[
        ("INFO", InspectionLevel::Info),
        ("DEBUG", InspectionLevel::Debug),
        ("TRACE", InspectionLevel::Trace),
    ];
}

impl MockResponseValidationMode {
    const ALL: &[(&str, MockResponseValidationMode)] = &[
        ("STRICT", MockResponseValidationMode::Strict),
        ("PRESENT", MockResponseValidationMode::Present),
        ("NONE", MockResponseValidationMode::None),
    ];
}

impl TestStateRequest {
    /// Reads the JSON form of the API. Members that the model does not have are passed over, as AWS does.
    pub fn from_data(body: &Data) -> Result<TestStateRequest, TestStateError> {
        let mut read = Reader::default();
        let request = TestStateRequest {
            definition: read.needed(body, "definition", 1..=MAX_DEFINITION)?,
            role_arn: read.shown(body, "roleArn", 1..=256)?,
            input: read.text(body, "input", 0..=MAX_DATA)?,
            inspection_level: read.word(body, "inspectionLevel", InspectionLevel::ALL)?,
            reveal_secrets: read.boolean(body, "revealSecrets")?,
            variables: read.text(body, "variables", 0..=MAX_DATA)?,
            state_name: read.text(body, "stateName", 1..=80)?.map(EcoString::from),
            mock: match read.object(body, "mock")? {
                None => None,
                Some(mock) => Some(read.within("mock", |read| MockInput::read(read, mock))?),
            },
            context: read.text(body, "context", 0..=MAX_DATA)?,
            state_configuration: match read.object(body, "stateConfiguration")? {
                None => TestStateConfiguration::default(),
                Some(own) => read.within("stateConfiguration", |read| {
                    TestStateConfiguration::read(read, own)
                })?,
            },
        };
        read.finish()?;
        Ok(request)
    }
}

impl MockInput {
    fn read(read: &mut Reader, mock: &Data) -> Result<MockInput, TestStateError> {
        let error_output = read.object(mock, "errorOutput")?;
        let error_output = error_output.map(|own| {
            read.within("errorOutput", |read| {
                Ok(MockErrorOutput {
                    error: read.text(own, "error", 0..=256)?.map(EcoString::from),
                    cause: read.text(own, "cause", 0..=32_768)?.map(EcoString::from),
                })
            })
        });
        Ok(MockInput {
            result: read.text(mock, "result", 0..=MAX_DATA)?,
            error_output: error_output.transpose()?,
            field_validation_mode: read.word(
                mock,
                "fieldValidationMode",
                MockResponseValidationMode::ALL,
            )?,
        })
    }
}

impl TestStateConfiguration {
    fn read(read: &mut Reader, own: &Data) -> Result<TestStateConfiguration, TestStateError> {
        let name = read.text(own, "errorCausedByState", 1..=80)?;
        Ok(TestStateConfiguration {
            retrier_retry_count: read.count(own, "retrierRetryCount")?,
            error_caused_by_state: name.map(EcoString::from),
            map_iteration_failure_count: read.count(own, "mapIterationFailureCount")?,
            map_item_reader_data: read.text(own, "mapItemReaderData", 0..=MAX_DATA)?,
        })
    }
}
