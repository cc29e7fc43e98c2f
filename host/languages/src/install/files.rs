//! Writing the files of a recipe.

use std::fs;
use std::path::Path;

use super::{InstallError, disk};

/// Writes files below a folder, making the folders that they need.
pub(super) fn write(files: &[(&str, &str)], folder: &Path) -> Result<(), InstallError> {
    for (name, text) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(disk(&path))?;
    }
    Ok(())
}
