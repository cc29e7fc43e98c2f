//! Lists the files that the runtimes are made of, so that the folders are the only list there is.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut text = String::new();
    for (name, folder) in [("PYTHON", "python"), ("JAVASCRIPT", "javascript")] {
        let mut files = Vec::new();
        let folder = root.join(folder);
        collect(&folder, &mut files)?;
        files.sort();
        writeln!(text, "/// Each file of the folder with its name there.")?;
        writeln!(text, "pub(super) const {name}: &[(&str, &str)] = &[")?;
        for file in files {
            let name = file.strip_prefix(&folder)?;
            let name = name
                .to_str()
                .ok_or("a name that is no text")?
                .replace('\\', "/");
            writeln!(text, "    ({name:?}, include_str!({file:?})),")?;
        }
        writeln!(text, "];")?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("files.rs"), text)?;
    Ok(())
}

/// All files below a folder, but for what programs leave there.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "__pycache__" || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
