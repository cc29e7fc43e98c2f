//! What a Distributed Map has besides what every Map has.

use data::EcoString;

use super::{PayloadTemplate, Quantity};

/// The fields of a Distributed Map.
#[derive(Debug)]
pub struct Distributed {
    /// `Label`, unique in the machine.
    pub label: Option<EcoString>,
    /// `ProcessorConfig.ExecutionType`: what its child executions are.
    pub execution_type: ExecutionType,
    /// `ItemReader`; without it the items are those of [`Map::items`](super::Map::items).
    pub item_reader: Option<ItemReader>,
    /// `ItemBatcher`; without it every child execution takes one item.
    pub item_batcher: Option<ItemBatcher>,
    /// `ResultWriter`.
    pub result_writer: Option<ResultWriter>,
}

/// `ExecutionType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionType {
    /// `STANDARD`
    Standard,
    /// `EXPRESS`
    Express,
}

/// `ItemReader`: where the items come from.
#[derive(Debug)]
pub struct ItemReader {
    /// `Resource`.
    pub resource: ReaderResource,
    /// `Parameters` or `Arguments`.
    pub arguments: Option<PayloadTemplate>,
    /// `ReaderConfig`.
    pub config: ReaderConfig,
}

/// The `Resource` of an `ItemReader`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderResource {
    /// `arn:PARTITION:states:::s3:getObject`: the items stand in one object, or in those that it names.
    GetObject,
    /// `arn:PARTITION:states:::s3:listObjectsV2`: the items are the objects of a bucket, or stand in them.
    ListObjects,
}

/// `ReaderConfig`.
#[derive(Debug, Default)]
pub struct ReaderConfig {
    /// `InputType`.
    pub input_type: Option<InputType>,
    /// `ManifestType`.
    pub manifest_type: Option<ManifestType>,
    /// `Transformation` is `LOAD_AND_FLATTEN`: listed objects are read and their items put in a row.
    pub load_and_flatten: bool,
    /// `CSVDelimiter`, a comma by default.
    pub csv_delimiter: CsvDelimiter,
    /// `CSVHeaderLocation` and `CSVHeaders`.
    pub csv_header: Option<CsvHeader>,
    /// `ItemsPointer`: where in a JSON object its items stand, an RFC 6901 pointer.
    pub items_pointer: Option<EcoString>,
    /// `MaxItems` or `MaxItemsPath`.
    pub max_items: Option<Quantity>,
}

/// `InputType`: how to read an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputType {
    /// `CSV`
    Csv,
    /// `JSON`
    Json,
    /// `JSONL`
    JsonLines,
    /// `PARQUET`
    Parquet,
    /// `MANIFEST`: it names the objects that hold the items.
    Manifest,
}

/// `ManifestType`: who wrote the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestType {
    /// `ATHENA_DATA`
    AthenaData,
    /// `S3_INVENTORY`
    S3Inventory,
}

/// `CSVDelimiter`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CsvDelimiter {
    /// `COMMA`
    #[default]
    Comma,
    /// `PIPE`
    Pipe,
    /// `SEMICOLON`
    Semicolon,
    /// `SPACE`
    Space,
    /// `TAB`
    Tab,
}

/// `CSVHeaderLocation`: where the names of the columns stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CsvHeader {
    /// `FIRST_ROW`
    FirstRow,
    /// `GIVEN`, with `CSVHeaders`.
    Given(Vec<EcoString>),
}

/// `ItemBatcher`: how many items one child execution takes. One of the two limits is there.
#[derive(Debug)]
pub struct ItemBatcher {
    /// `BatchInput`.
    pub batch_input: Option<PayloadTemplate>,
    /// `MaxItemsPerBatch` or its `Path` form.
    pub max_items: Option<Quantity>,
    /// `MaxInputBytesPerBatch` or its `Path` form.
    pub max_input_bytes: Option<Quantity>,
}

/// `ResultWriter`: what becomes of the results of the child executions.
#[derive(Debug)]
pub struct ResultWriter {
    /// Whether there is a `Resource`, which is `arn:PARTITION:states:::s3:putObject`; without it nothing is
    /// written, and the state's result is formatted only.
    pub exports: bool,
    /// `Parameters` or `Arguments`: where to write.
    pub arguments: Option<PayloadTemplate>,
    /// `WriterConfig.Transformation`.
    pub transformation: Option<Transformation>,
    /// `WriterConfig.OutputType`, JSON by default.
    pub output_type: OutputType,
}

/// `Transformation` of a `WriterConfig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transformation {
    /// `NONE`: outputs with what is known of their executions.
    None,
    /// `COMPACT`: outputs.
    Compact,
    /// `FLATTEN`: outputs, the items of those that are arrays put in a row.
    Flatten,
}

/// `OutputType` of a `WriterConfig`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputType {
    /// `JSON`: one array.
    #[default]
    Json,
    /// `JSONL`: one line each.
    JsonLines,
}
