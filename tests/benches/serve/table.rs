//! The figures, as text.

use std::io::Write;
use std::process::ExitCode;

/// Figures beside their goals.
#[derive(Default)]
pub struct Table {
    rows: Vec<(String, String, String)>,
    missed: bool,
}

impl Table {
    /// A figure without a goal.
    pub fn row(&mut self, name: &str, figure: String, note: &str) {
        self.rows.push((name.to_owned(), figure, note.to_owned()));
    }

    /// A figure that is judged.
    pub fn goal(&mut self, name: &str, figure: f64, unit: &str, met: bool, goal: &str) {
        let verdict = if met { "met" } else { "MISSED" };
        self.missed |= !met;
        let digits = if figure < 100.0 { 2 } else { 0 };
        self.row(
            name,
            format!("{figure:.digits$} {unit}"),
            &format!("goal {goal}: {verdict}"),
        );
    }

    /// Prints it; exit code 1 if a goal is missed.
    pub fn print(&self) -> ExitCode {
        let mut out = std::io::stdout().lock();
        for (name, figure, note) in &self.rows {
            let _ = writeln!(out, "{name:<40} {figure:>24}   {note}");
        }
        ExitCode::from(u8::from(self.missed))
    }
}
