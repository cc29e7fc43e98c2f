//! No name in a manifest leads out of its folder.

use std::fs;
use std::os::unix::fs::symlink;

use sandbox::{Access, MountError, ReadError, Root};

/// `root/` with a file, a folder and links that lead out; `secret` beside it.
fn tree() -> (tempfile::TempDir, Root) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("data")).unwrap();
    fs::write(root.join("data/file"), "inside").unwrap();
    fs::create_dir(folder.path().join("secrets")).unwrap();
    fs::write(folder.path().join("secrets/secret"), "outside").unwrap();
    symlink("../secrets", root.join("link")).unwrap();
    symlink("../secrets/secret", root.join("secret")).unwrap();
    symlink("data", root.join("inner")).unwrap();
    let opened = Root::open(&root).unwrap();
    (folder, opened)
}

#[test]
fn files_are_read_inside_only() {
    let (folder, root) = tree();
    assert_eq!(root.read("data/file", 100).unwrap(), b"inside");
    assert_eq!(root.read("inner/file", 6).unwrap(), b"inside");
    let absolute = folder.path().join("secrets/secret");
    for name in [
        "../secrets/secret",
        "secret",
        "link/secret",
        absolute.to_str().unwrap(),
    ] {
        let error = root.read(name, 100).unwrap_err();
        assert!(
            matches!(error, ReadError::Outside { .. }),
            "{name}: {error}"
        );
    }
    assert!(matches!(
        root.read("data/file", 5),
        Err(ReadError::TooLarge { most: 5, .. })
    ));
    assert!(matches!(
        root.read("data", 5),
        Err(ReadError::NotAFile { .. })
    ));
    assert!(matches!(root.read("none", 5), Err(ReadError::Io { .. })));
}

#[test]
fn folders_are_mounted_inside_only() {
    let (_folder, root) = tree();
    assert_eq!(
        root.mount("data", "/data", Access::Read).unwrap().target(),
        "/data"
    );
    assert!(root.mount(".", "/", Access::Read).is_ok());
    for name in ["..", "link", "../secrets", "data/../../secrets", "/etc"] {
        let error = root.mount(name, "/data", Access::Read).unwrap_err();
        assert!(
            matches!(error, MountError::Outside { .. }),
            "{name}: {error}"
        );
    }
    for target in ["data", "", "/a/../b", "/a/", "//"] {
        let error = root.mount("data", target, Access::Read).unwrap_err();
        assert!(
            matches!(error, MountError::Target { .. }),
            "{target}: {error}"
        );
    }
    assert!(matches!(
        root.mount("data/file", "/d", Access::Read),
        Err(MountError::Io { .. })
    ));
}
