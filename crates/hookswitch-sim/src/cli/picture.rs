//! `hookswitch sim picture`, and what else `sim run` writes: traces and pictures as files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Problem, read_text};
use crate::picture::{Form, Theme, junit};
use crate::player::Run;
use crate::scenario::Scenario;
use crate::trace::Trace;

/// The files a run is written to; `-` is standard output.
#[derive(Args, Debug)]
pub struct Outputs {
    /// Write the trace of the one file as JSON lines; here and below, `-` is standard output.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Write timeline and audio ownership of the one file as a page.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write timeline and audio ownership of the one file as a picture.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the one file's run for ui.perfetto.dev or chrome://tracing.
    #[arg(long, value_name = "FILE")]
    perfetto: Option<PathBuf>,
    /// Print the one file's run as a Mermaid sequence diagram.
    #[arg(long)]
    mermaid: bool,
    /// Print the one file's run as a table in Markdown.
    #[arg(long)]
    markdown: bool,
    /// Write the results of all files as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// The colors of pictures.
    #[arg(long, value_enum, default_value_t)]
    theme: Theme,
}

/// What to draw.
#[derive(Args, Debug)]
pub struct PictureArgs {
    /// The trace: JSON lines of `sim run --trace` or `hookswitch record`.
    trace: PathBuf,
    /// Where to; the ending says what: .svg, .html, .mmd (Mermaid), .json (Perfetto), .md, .txt.
    /// `-`, and no file: standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What to write, if the ending does not say it.
    #[arg(long, value_enum)]
    form: Option<Form>,
    /// The colors.
    #[arg(long, value_enum, default_value_t)]
    theme: Theme,
}

impl Outputs {
    /// Pictures show one story.
    pub(super) fn refuse_many(&self) -> Result<(), Problem> {
        let single = [
            (self.trace.is_some(), "--trace"),
            (self.html.is_some(), "--html"),
            (self.svg.is_some(), "--svg"),
            (self.perfetto.is_some(), "--perfetto"),
            (self.mermaid, "--mermaid"),
            (self.markdown, "--markdown"),
        ];
        match single.into_iter().find(|(is_set, _)| *is_set) {
            Some((_, name)) => Err(Problem::Text(format!("{name} needs exactly one file"))),
            None => Ok(()),
        }
    }

    /// Whether a file goes to standard output, where the summary would stand else.
    ///
    /// # Errors
    ///
    /// If more than one does.
    pub(super) fn takes_stdout(&self) -> Result<bool, Problem> {
        let files = [
            &self.trace,
            &self.html,
            &self.svg,
            &self.perfetto,
            &self.junit,
        ];
        let to_stdout = |file: &&&Option<PathBuf>| file.as_deref().is_some_and(is_stdout);
        let files = files.iter().filter(to_stdout).count();
        match files + usize::from(self.mermaid) + usize::from(self.markdown) {
            _ if files == 0 => Ok(false),
            1 => Ok(true),
            _ => {
                let why = "only one of the outputs can go to standard output; name files";
                Err(Problem::Text(why.to_owned()))
            }
        }
    }

    /// Writes what was asked for of one run.
    pub(super) fn write_one(
        &self,
        story: &Scenario,
        run: &Run,
        out: &mut impl Write,
    ) -> Result<(), Problem> {
        let files = [
            (&self.html, Form::Html),
            (&self.svg, Form::Svg),
            (&self.perfetto, Form::Perfetto),
        ];
        let prints = [
            (self.mermaid, Form::Mermaid),
            (self.markdown, Form::Markdown),
        ];
        let wants_file = self.trace.is_some() || files.iter().any(|(path, _)| path.is_some());
        if !wants_file && !self.mermaid && !self.markdown {
            return Ok(());
        }
        let trace = crate::trace::of(story, run);
        if let Some(path) = &self.trace {
            write_to(path, &trace.write(), out)?;
        }
        for (path, form) in files {
            if let Some(path) = path {
                write_to(path, &form.draw(&trace, self.theme), out)?;
            }
        }
        for (_, form) in prints.into_iter().filter(|(wanted, _)| *wanted) {
            write!(out, "{}", form.draw(&trace, self.theme))?;
        }
        Ok(())
    }

    /// Writes the results of all files.
    pub(super) fn write_report(
        &self,
        cases: &[junit::Case],
        out: &mut impl Write,
    ) -> Result<(), Problem> {
        match &self.junit {
            Some(path) => write_to(path, &junit::report(cases), out),
            None => Ok(()),
        }
    }
}

/// Draws one trace.
pub(super) fn draw(args: &PictureArgs, out: &mut impl Write) -> Result<bool, Problem> {
    let trace = read_trace(&args.trace)?;
    let ending = args.output.as_deref().and_then(Path::extension);
    let form = match (args.form, ending) {
        (Some(form), _) => form,
        (None, None) => Form::Text,
        (None, Some(ending)) => {
            let ending = ending.to_string_lossy();
            Form::of_ending(&ending).ok_or_else(|| {
                let known = "svg, html, mmd, json, md or txt";
                Problem::Text(format!(
                    ".{ending} is no kind of picture; take {known}, or --form"
                ))
            })?
        }
    };
    let picture = form.draw(&trace, args.theme);
    match &args.output {
        Some(path) => write_to(path, &picture, out)?,
        None => write!(out, "{picture}")?,
    }
    Ok(true)
}

/// Reads a trace from a file.
pub(super) fn read_trace(path: &Path) -> Result<Trace, Problem> {
    let text = read_text(path).map_err(Problem::Text)?;
    Trace::read(&text).map_err(|why| Problem::Text(format!("{}: {why}", path.display())))
}

/// Whether a name of a file means standard output.
fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

/// Writes a file, or standard output if it is called `-`.
pub(super) fn write_to(path: &Path, text: &str, out: &mut impl Write) -> Result<(), Problem> {
    if is_stdout(path) {
        return Ok(write!(out, "{text}")?);
    }
    fs::write(path, text).map_err(|why| {
        let shown = path.display();
        Problem::Text(format!("{shown} cannot be written: {why}"))
    })
}
