//! The files of the folders `python` and `javascript`, as the build script lists them.

include!(concat!(env!("OUT_DIR"), "/files.rs"));
