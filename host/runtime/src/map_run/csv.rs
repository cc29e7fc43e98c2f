//! Text with columns, as items.

use asl::{CsvDelimiter, CsvHeader};
use data::{Data, EcoString, Object};

/// Each row as an object of texts. As AWS has it, fields that a row lacks are empty texts, and those beyond the
/// headers are dropped.
pub(super) fn rows(
    text: &str,
    delimiter: CsvDelimiter,
    header: Option<&CsvHeader>,
    most: usize,
) -> Result<Vec<Data>, String> {
    let delimiter = match delimiter {
        CsvDelimiter::Comma => b',',
        CsvDelimiter::Pipe => b'|',
        CsvDelimiter::Semicolon => b';',
        CsvDelimiter::Space => b' ',
        CsvDelimiter::Tab => b'\t',
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.strip_prefix('\u{feff}').unwrap_or(text).as_bytes());
    let mut records = reader.records();
    let names: Vec<EcoString> = match header {
        Some(CsvHeader::Given(names)) => names.clone(),
        Some(CsvHeader::FirstRow) | None => match records.next() {
            None => return Ok(Vec::new()),
            Some(first) => first
                .map_err(|error| wrong(&error))?
                .iter()
                .map(Into::into)
                .collect(),
        },
    };
    records
        .take(most)
        .map(|record| Ok(row(&names, &record.map_err(|error| wrong(&error))?)))
        .collect()
}

fn row(names: &[EcoString], record: &csv::StringRecord) -> Data {
    let mut row = Object::builder();
    for (at, name) in names.iter().enumerate() {
        row.insert(name.clone(), record.get(at).unwrap_or_default().into());
    }
    row.build().into()
}

fn wrong(error: &csv::Error) -> String {
    format!("The text is no CSV: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, delimiter: CsvDelimiter, header: &CsvHeader) -> String {
        let rows = rows(text, delimiter, Some(header), usize::MAX).unwrap();
        rows.into_iter().collect::<Data>().to_string()
    }

    #[test]
    fn rows_have_the_columns_that_the_header_names() {
        let text = "a,b\n1,\"x, \"\"y\"\"\"\n2\n3,4,5\n";
        assert_eq!(
            read(text, CsvDelimiter::Comma, &CsvHeader::FirstRow),
            r#"[{"a":"1","b":"x, \"y\""},{"a":"2","b":""},{"a":"3","b":"4"}]"#
        );
        let given = CsvHeader::Given(vec!["k".into(), "v".into()]);
        let pipes = read("1|2\r\n3|4", CsvDelimiter::Pipe, &given);
        assert_eq!(pipes, r#"[{"k":"1","v":"2"},{"k":"3","v":"4"}]"#);
        assert_eq!(read("", CsvDelimiter::Tab, &CsvHeader::FirstRow), "[]");
    }
}
