//! XML as AWS's query and REST protocols write it: elements and text; attributes say nothing.

use data::{Data, Object};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

/// Deeper than any answer of a service.
const DEEPEST: usize = 64;

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub name: String,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The element that a document is; `None` if the text is no such document.
    pub fn parse(text: &str) -> Option<Element> {
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Element> = vec![Element::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    if open.len() > DEEPEST {
                        return None;
                    }
                    open.push(Element::named(start.local_name().as_ref()));
                }
                Event::Empty(empty) => {
                    let element = Element::named(empty.local_name().as_ref());
                    open.last_mut()?.children.push(element);
                }
                Event::End(_) => {
                    let done = open.pop()?;
                    open.last_mut()?.children.push(done);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
                Event::CData(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
                Event::GeneralRef(entity) => open.last_mut()?.text.push_str(&meaning(&entity)?),
                Event::Eof => break,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
            }
        }
        // What is left open is a document that was cut off.
        let [document] = <[Element; 1]>::try_from(open).ok()?;
        document.children.into_iter().next()
    }

    fn named(name: &[u8]) -> Element {
        Element {
            name: String::from_utf8_lossy(name).into_owned(),
            ..Element::default()
        }
    }

    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of a name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// As the query protocol means it: `member`s are a list, `entry`s a map, other children an object.
    pub fn to_data(&self) -> Data {
        let Some(first) = self.children.first() else {
            return Data::from(self.text.as_str());
        };
        match first.name.as_str() {
            "member" => self.children.iter().map(Element::to_data).collect(),
            "entry" => self.map(),
            _ => {
                let mut object = Object::builder();
                for child in &self.children {
                    object.insert(child.name.as_str().into(), child.to_data());
                }
                object.build().into()
            }
        }
    }

    fn map(&self) -> Data {
        let mut object = Object::builder();
        for entry in &self.children {
            if let [key, value] = entry.children.as_slice() {
                object.insert(key.text.as_str().into(), value.to_data());
            }
        }
        object.build().into()
    }
}

fn meaning(entity: &BytesRef<'_>) -> Option<String> {
    if let Some(character) = entity.resolve_char_ref().ok()? {
        return Some(character.to_string());
    }
    resolve_predefined_entity(&entity.decode().ok()?).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_a_list_and_entries_a_map() {
        let text = "<?xml version=\"1.0\"?><R xmlns=\"x\"><A>1</A><L><member>a</member><member>b</member></L>\
                    <M><entry><key>k</key><value>v &amp; &#x77;</value></entry></M></R>";
        let data = Element::parse(text).map(|root| root.to_data().to_string());
        let expected = r#"{"A":"1","L":["a","b"],"M":{"k":"v & w"}}"#;
        assert_eq!(data.as_deref(), Some(expected));
    }

    #[test]
    fn what_is_no_document_is_none() {
        let deep = "<a>".repeat(10_000);
        for text in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a>&unknown;</a>",
            deep.as_str(),
        ] {
            assert_eq!(Element::parse(text), None, "{:.20}", text);
        }
    }
}
