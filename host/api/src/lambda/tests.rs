//! Zips that want to do harm, and those that do not.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::code::{decode, module};

const MODULE: &[u8] = b"\0asm\x01\0\0\0";

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[track_caller]
fn found(files: &[(&str, &[u8])], handler: &str) -> Option<Vec<u8>> {
    module(&zip_of(files), Some(handler)).unwrap()
}

#[track_caller]
fn refused(code: &[u8]) -> String {
    let error = module(code, Some("app.handler")).unwrap_err();
    assert_eq!(error.code, "InvalidParameterValueException");
    assert_eq!(error.status, 400);
    error.message
}

const DAMAGED: &str =
    "Could not unzip uploaded file. Please check your file, then try to upload again.";

#[test]
fn a_module_is_found_by_its_name() {
    let other: &[u8] = b"\0asm\x01\0\0\0other";
    assert_eq!(module(MODULE, None).unwrap().as_deref(), Some(MODULE));
    let both = [("app.wasm", other), ("bootstrap.wasm", MODULE)];
    assert_eq!(found(&both, "app.handler").as_deref(), Some(MODULE));
    let two = [("app.wasm", MODULE), ("b.wasm", other)];
    assert_eq!(found(&two, "app.handler").as_deref(), Some(MODULE));
    assert_eq!(found(&two, "b").as_deref(), Some(other));
    assert_eq!(found(&two, "c.handler"), None);
    assert_eq!(
        found(&[("validate", MODULE)], "validate").as_deref(),
        Some(MODULE)
    );
    assert_eq!(
        found(&[("x/y.wasm", MODULE), ("a.py", b"")], "a.b").as_deref(),
        Some(MODULE)
    );
    assert_eq!(
        found(&[("app.py", b"def handler(): pass")], "app.handler"),
        None
    );
    assert_eq!(found(&[("bootstrap", b"\x7fELF")], "bootstrap"), None);
    // A custom runtime is started whatever the handler is called.
    let custom = found(&[("bootstrap", MODULE)], "rust.handler");
    assert_eq!(custom.as_deref(), Some(MODULE));
}

#[test]
fn what_is_no_zip_is_damaged() {
    assert_eq!(refused(b"PK"), DAMAGED);
    assert_eq!(refused(&[0; 4096]), DAMAGED);
    let whole = zip_of(&[("app.wasm", &[7; 5000])]);
    assert_eq!(refused(&whole[..whole.len() - 30]), DAMAGED);
    let mut spoilt = whole;
    spoilt[45] ^= 0xff;
    assert_eq!(refused(&spoilt), DAMAGED);
    assert_eq!(
        refused(&zip_of(&[])),
        "Uploaded file must be a non-empty zip"
    );
}

#[test]
fn names_do_not_lead_out() {
    for name in [
        "../app.wasm",
        "/app.wasm",
        "a/../../app.wasm",
        "a\\..\\app.wasm",
        "C:app.wasm",
    ] {
        let message = refused(&zip_of(&[("app.py", b"x"), (name, MODULE)]));
        assert!(message.contains("leads out"), "{name}: {message}");
    }
}

#[test]
fn bombs_are_not_unpacked() {
    // As Lambda says it, whatever the files are.
    let megabytes = vec![0; 32 << 20];
    let files: Vec<(String, &[u8])> = (0..8)
        .map(|n| (format!("{n}.wasm"), &megabytes[..]))
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), *bytes))
        .collect();
    let message = refused(&zip_of(&files));
    assert_eq!(
        message,
        "Unzipped size must be smaller than 262144000 bytes"
    );
}

/// Where the directory says that a file is small, no more than that is read.
#[test]
fn directories_that_lie_are_damaged() {
    let mut lying = zip_of(&[("bootstrap.wasm", &[0; 1 << 20])]);
    let directory = lying
        .windows(4)
        .rposition(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    // The size in the directory, and beyond what deflate can do.
    lying[directory + 24..directory + 28].copy_from_slice(&100u32.to_le_bytes());
    assert_eq!(refused(&lying), DAMAGED);
    lying[directory + 24..directory + 28].copy_from_slice(&(200u32 << 20).to_le_bytes());
    assert_eq!(refused(&lying), DAMAGED);
}

#[test]
fn files_do_not_share_bytes() {
    let mut shared = zip_of(&[("a.wasm", MODULE), ("b.wasm", MODULE)]);
    let directories: Vec<usize> = (0..shared.len() - 4)
        .filter(|at| &shared[*at..at + 4] == b"PK\x01\x02")
        .collect();
    let second = directories[1];
    shared[second + 42..second + 46].copy_from_slice(&0u32.to_le_bytes());
    assert_eq!(refused(&shared), DAMAGED);
}

#[test]
fn blobs_are_base64() {
    assert_eq!(decode("AGFzbQ==").unwrap(), b"\0asm");
    assert_eq!(
        decode("").unwrap_err().message,
        "Uploaded file must be a non-empty zip"
    );
    assert_eq!(decode("!").unwrap_err().code, "SerializationException");
    let huge = "A".repeat(70 << 20);
    assert_eq!(decode(&huge).unwrap_err().status, 413);
}

#[test]
fn no_bytes_make_it_panic() {
    let whole = zip_of(&[
        ("bootstrap.wasm", &[3; 300]),
        ("b/c.wasm", MODULE),
        ("d.py", b"x = 1"),
    ]);
    for at in 0..whole.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            let _ = module(&bytes, Some("app.handler"));
        }
        let _ = module(&whole[..at], Some("app.handler"));
        let _ = module(&whole[at..], Some("app.handler"));
    }
}
