//! `ItemReader`: which objects are asked for, one after another, and what their answers hold.

use std::collections::VecDeque;

use asl::{CsvHeader, InputType, ItemReader, ManifestType, ReaderConfig, ReaderResource};
use data::{Data, EcoString, Object};
use engine::{ItemSource, MapItem};

use super::format::{body, items, text};

/// The most items that one Map reads.
const MOST_ITEMS: u64 = 100_000_000;

/// What of S3 is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// `s3:getObject`
    GetObject,
    /// `s3:listObjectsV2`
    ListObjects,
    /// `s3:putObject`
    PutObject,
}

impl Action {
    /// As a `Resource` names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Action::GetObject => "getObject",
            Action::ListObjects => "listObjectsV2",
            Action::PutObject => "putObject",
        }
    }
}

/// What is asked for, and what its answer is taken for.
#[derive(Clone)]
struct Wanted {
    arguments: Data,
    holds: Holds,
}

#[derive(Clone)]
enum Holds {
    /// The items, in the reader's format.
    Items,
    /// A list of objects, which are the items.
    Objects,
    /// A list of objects that hold the items.
    ListOfFiles,
    /// The manifest of an S3 inventory.
    Inventory,
    /// A file of an S3 inventory, with these columns.
    InventoryFile(CsvHeader),
    /// The manifest of a query of Athena.
    AthenaFiles,
}

/// A reader on its way through the objects.
pub(crate) struct Reader {
    config: ReaderConfig,
    most: usize,
    wanted: VecDeque<Wanted>,
    items: Vec<MapItem>,
}

impl Reader {
    /// A reader that has asked for nothing; none if the items do not come from one.
    pub(super) fn new(reader: &ItemReader, source: &ItemSource) -> Option<Reader> {
        let ItemSource::Reader {
            arguments,
            max_items,
        } = source
        else {
            return None;
        };
        let config = &reader.config;
        let holds = match (reader.resource, config.manifest_type, config.input_type) {
            (ReaderResource::ListObjects, ..) if config.load_and_flatten => Holds::ListOfFiles,
            (ReaderResource::ListObjects, ..) => Holds::Objects,
            (_, Some(ManifestType::AthenaData), _) => Holds::AthenaFiles,
            (_, Some(ManifestType::S3Inventory), _) | (_, _, Some(InputType::Manifest)) => {
                Holds::Inventory
            }
            _ => Holds::Items,
        };
        let most = max_items.unwrap_or(MOST_ITEMS).min(MOST_ITEMS);
        Some(Reader {
            config: ReaderConfig {
                input_type: config.input_type,
                manifest_type: config.manifest_type,
                load_and_flatten: config.load_and_flatten,
                csv_delimiter: config.csv_delimiter,
                csv_header: config.csv_header.clone(),
                items_pointer: config.items_pointer.clone(),
                max_items: None,
            },
            most: usize::try_from(most).unwrap_or(usize::MAX),
            wanted: VecDeque::from([Wanted {
                arguments: arguments.clone(),
                holds,
            }]),
            items: Vec::new(),
        })
    }

    /// What to ask for next; none if everything that is wanted was read.
    pub(crate) fn next(&self) -> Option<(Action, Data)> {
        if self.items.len() >= self.most {
            return None;
        }
        let wanted = self.wanted.front()?;
        let action = match wanted.holds {
            Holds::Objects | Holds::ListOfFiles => Action::ListObjects,
            Holds::Items | Holds::Inventory | Holds::InventoryFile(_) | Holds::AthenaFiles => {
                Action::GetObject
            }
        };
        Some((action, wanted.arguments.clone()))
    }

    /// Takes the answer to what was asked for. The error says in words why it cannot be read.
    pub(crate) fn take(&mut self, answer: &Data) -> Result<(), String> {
        let Some(wanted) = self.wanted.pop_front() else {
            return Ok(());
        };
        let source = source(&wanted.arguments);
        match &wanted.holds {
            Holds::Items => self.read(answer, &source, None)?,
            Holds::InventoryFile(header) => {
                let config = ReaderConfig {
                    input_type: Some(InputType::Csv),
                    csv_header: Some(header.clone()),
                    ..ReaderConfig::default()
                };
                self.read(answer, &source, Some(&config))?;
            }
            Holds::Objects => {
                let bucket = string(&wanted.arguments, "Bucket");
                let listed = listed(answer)?;
                self.add(listed, false, &format!("S3://{bucket}").into());
                self.turn_page(&wanted, answer);
            }
            Holds::ListOfFiles => {
                for object in listed(answer)? {
                    let key = string(&object, "Key");
                    // A name that ends so stands for a folder.
                    if !key.ends_with('/') {
                        self.want(string(&wanted.arguments, "Bucket"), key, Holds::Items);
                    }
                }
                self.turn_page(&wanted, answer);
            }
            Holds::Inventory => self.inventory(&wanted, answer)?,
            Holds::AthenaFiles => {
                for line in text(body(answer))?.lines().map(str::trim) {
                    let rest = line.strip_prefix("s3://").or(line.strip_prefix("S3://"));
                    if let Some((bucket, key)) = rest.and_then(|rest| rest.split_once('/')) {
                        self.want(bucket, key, Holds::Items);
                    }
                }
            }
        }
        Ok(())
    }

    /// The items that were read.
    pub(super) fn finish(self) -> Vec<MapItem> {
        self.items
    }

    fn read(
        &mut self,
        answer: &Data,
        source: &EcoString,
        config: Option<&ReaderConfig>,
    ) -> Result<(), String> {
        let left = self.most.saturating_sub(self.items.len());
        let parsed = items(body(answer), config.unwrap_or(&self.config), left)?;
        self.add(parsed.items, parsed.keyed, source);
        Ok(())
    }

    fn add(&mut self, items: Vec<Data>, keyed: bool, source: &EcoString) {
        let left = self.most.saturating_sub(self.items.len());
        for value in items.into_iter().take(left) {
            self.items.push(MapItem {
                index: u32::try_from(self.items.len()).unwrap_or(u32::MAX),
                value,
                keyed,
                source: source.clone(),
            });
        }
    }

    fn want(&mut self, bucket: &str, key: &str, holds: Holds) {
        let arguments = Object::builder().with("Bucket", bucket).with("Key", key);
        self.wanted.push_back(Wanted {
            arguments: arguments.build().into(),
            holds,
        });
    }

    /// A list that goes on is asked for again from where it stopped.
    fn turn_page(&mut self, wanted: &Wanted, answer: &Data) {
        let Some(token) = answer.get("NextContinuationToken") else {
            return;
        };
        let before = wanted.arguments.get("ContinuationToken");
        if let (Some(arguments), false) = (wanted.arguments.as_object(), before == Some(token)) {
            let arguments = arguments.with("ContinuationToken", token.clone()).into();
            self.wanted.push_front(Wanted {
                arguments,
                holds: wanted.holds.clone(),
            });
        }
    }

    fn inventory(&mut self, wanted: &Wanted, answer: &Data) -> Result<(), String> {
        let manifest = match body(answer) {
            Data::String(text) => Data::parse(text.as_str())
                .map_err(|error| format!("The manifest is no JSON: {}", error.message))?,
            other => other.clone(),
        };
        let format = string(&manifest, "fileFormat");
        if !format.is_empty() && format != "CSV" {
            return Err(format!("An inventory in {format} cannot be read here"));
        }
        let columns = string(&manifest, "fileSchema").split(',');
        let columns = columns.map(|name| name.trim().into()).collect();
        let bucket = string(&manifest, "destinationBucket");
        let bucket = bucket.rsplit(":::").next().filter(|name| !name.is_empty());
        let bucket = bucket
            .unwrap_or(string(&wanted.arguments, "Bucket"))
            .to_owned();
        let header = CsvHeader::Given(columns);
        let files = manifest.get("files").and_then(Data::as_array);
        let files = files.ok_or("The manifest names no files")?;
        for file in files.iter() {
            let holds = Holds::InventoryFile(header.clone());
            self.want(&bucket, string(file, "key"), holds);
        }
        Ok(())
    }
}

/// The objects that ListObjectsV2 answered with.
fn listed(answer: &Data) -> Result<Vec<Data>, String> {
    let contents = answer.get("Contents").unwrap_or(answer);
    match (contents.as_array(), answer.as_object()) {
        (Some(objects), _) => Ok(objects.iter().cloned().collect()),
        // A list without objects has no such member.
        (None, Some(_)) => Ok(Vec::new()),
        (None, None) => Err("The answer is no list of objects".to_owned()),
    }
}

/// `$$.Map.Item.Source` of what is read from an object.
fn source(arguments: &Data) -> EcoString {
    let (bucket, key) = (string(arguments, "Bucket"), string(arguments, "Key"));
    format!("S3://{bucket}/{key}").into()
}

fn string<'d>(data: &'d Data, name: &str) -> &'d str {
    data.get(name).and_then(Data::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use asl::{Program, StateKind};
    use data::{Format, Source};

    use super::*;

    fn program(resource: &str, config: &str) -> Arc<Program> {
        let text = format!(
            r#"{{"StartAt": "M", "States": {{"M": {{"Type": "Map", "End": true,
            "ItemReader": {{"Resource": "arn:aws:states:::s3:{resource}", "Parameters": {{"Bucket": "b", "Key": "k"}},
                "ReaderConfig": {config}}},
            "ItemProcessor": {{"ProcessorConfig": {{"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}},
                "StartAt": "P", "States": {{"P": {{"Type": "Pass", "End": true}}}}}}}}}}}}"#
        );
        let source = Source::new("m.json", text);
        let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
        Arc::new(
            compiled
                .program
                .unwrap_or_else(|| panic!("{:?}", compiled.diagnostics)),
        )
    }

    /// Reads with answers by what is asked for, `action bucket/key`; the items with their sources.
    fn read(resource: &str, config: &str, answers: &[(&str, &str)]) -> Result<String, String> {
        let program = program(resource, config);
        let map = program.states().find_map(|(_, state)| match &state.kind {
            StateKind::Map(map) => map.distributed.as_ref(),
            _ => None,
        });
        let source = ItemSource::Reader {
            arguments: Data::parse(r#"{"Bucket": "b", "Key": "k"}"#).unwrap(),
            max_items: Some(4),
        };
        let item_reader = map.and_then(|map| map.item_reader.as_ref()).unwrap();
        let mut reader = Reader::new(item_reader, &source).unwrap();
        while let Some((action, arguments)) = reader.next() {
            let page = string(&arguments, "ContinuationToken");
            let (bucket, key) = (string(&arguments, "Bucket"), string(&arguments, "Key"));
            let asked = format!("{} {bucket}/{key}{page}", action.name());
            let answer = answers.iter().find(|(known, _)| *known == asked);
            let (_, answer) = answer.unwrap_or_else(|| panic!("nobody answers {asked}"));
            reader.take(&Data::parse(answer).unwrap())?;
        }
        let shown = reader.finish().into_iter().enumerate().map(|(at, item)| {
            assert_eq!(item.index as usize, at);
            let key = if item.keyed { " keyed" } else { "" };
            format!("{} {}{key}", item.value, item.source)
        });
        Ok(shown.collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn one_object_holds_the_items() {
        let csv =
            r#"{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVDelimiter": "TAB"}"#;
        let rows = read(
            "getObject",
            csv,
            &[("getObject b/k", r#"{"Body": "a\tb\n1\t2\n"}"#)],
        );
        assert_eq!(rows.unwrap(), r#"{"a":"1","b":"2"} S3://b/k"#);
        let lines = read(
            "getObject",
            r#"{"InputType": "JSONL"}"#,
            &[("getObject b/k", r#"{"Body": "1\n\n{\"a\":2}\n"}"#)],
        );
        assert_eq!(lines.unwrap(), "1 S3://b/k\n{\"a\":2} S3://b/k");
        let json = |pointer: &str, answer: &str| {
            let config = format!(r#"{{"InputType": "JSON"{pointer}}}"#);
            read("getObject", &config, &[("getObject b/k", answer)])
        };
        assert_eq!(json("", "[1,2,3,4,5]").unwrap().lines().count(), 4);
        let at = r#", "ItemsPointer": "/a/b""#;
        assert_eq!(
            json(at, r#"{"Body": {"a": {"b": [7]}}}"#).unwrap(),
            "7 S3://b/k"
        );
        let keyed = r#"{"Key":"x","Value":1} S3://b/k keyed"#;
        assert_eq!(json("", r#"{"Body": "{\"x\":1}"}"#).unwrap(), keyed);
        assert!(json(at, "{}").unwrap_err().contains("/a/b"));
        assert!(
            json("", r#"{"Body": "["}"#)
                .unwrap_err()
                .contains("no JSON")
        );
        assert!(json("", "7").unwrap_err().contains("non-iterable"));
        let parquet = read(
            "getObject",
            r#"{"InputType": "PARQUET"}"#,
            &[("getObject b/k", "[]")],
        );
        assert_eq!(parquet.unwrap_err(), "Parquet cannot be read here");
    }

    #[test]
    fn a_list_is_read_to_its_last_page() {
        let pages = [
            (
                "listObjectsV2 b/k",
                r#"{"Contents": [{"Key": "x/"}, {"Key": "x/1"}], "NextContinuationToken": "2"}"#,
            ),
            ("listObjectsV2 b/k2", r#"{"Contents": [{"Key": "x/2"}]}"#),
            ("getObject b/x/1", r#"{"Body": "[1]"}"#),
            ("getObject b/x/2", r#"{"Body": "[2, 3]"}"#),
        ];
        let objects = read("listObjectsV2", "{}", &pages).unwrap();
        let expected =
            "{\"Key\":\"x/\"} S3://b\n{\"Key\":\"x/1\"} S3://b\n{\"Key\":\"x/2\"} S3://b";
        assert_eq!(objects, expected);
        let flat = r#"{"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}"#;
        let items = read("listObjectsV2", flat, &pages).unwrap();
        assert_eq!(items, "1 S3://b/x/1\n2 S3://b/x/2\n3 S3://b/x/2");
        assert_eq!(
            read("listObjectsV2", "{}", &[("listObjectsV2 b/k", "{}")]).unwrap(),
            ""
        );
    }

    #[test]
    fn a_manifest_names_the_objects() {
        let manifest = r#"{"destinationBucket": "arn:aws:s3:::inv", "fileFormat": "CSV", "fileSchema": "Bucket, Key",
            "files": [{"key": "d/1.csv", "size": 9}]}"#;
        let answers = [
            ("getObject b/k", manifest),
            ("getObject inv/d/1.csv", r#"{"Body": "\"b\",\"x\"\n"}"#),
        ];
        let rows = read("getObject", r#"{"InputType": "MANIFEST"}"#, &answers).unwrap();
        assert_eq!(rows, r#"{"Bucket":"b","Key":"x"} S3://inv/d/1.csv"#);
        let orc = [("getObject b/k", r#"{"fileFormat": "ORC", "files": []}"#)];
        assert!(
            read("getObject", r#"{"InputType": "MANIFEST"}"#, &orc)
                .unwrap_err()
                .contains("ORC")
        );
        let athena = r#"{"InputType": "JSONL", "ManifestType": "ATHENA_DATA"}"#;
        let answers = [
            ("getObject b/k", r#"{"Body": "s3://q/1\ns3://q/2\n"}"#),
            ("getObject q/1", r#"{"Body": "1"}"#),
            ("getObject q/2", r#"{"Body": "2"}"#),
        ];
        assert_eq!(
            read("getObject", athena, &answers).unwrap(),
            "1 S3://q/1\n2 S3://q/2"
        );
    }
}
