//! The options of `Controller.Dial`.

use super::argument::ArgumentError;
use super::dict::{Dict, Reader, put};

/// Writes the options.
#[must_use]
pub fn dial_options(video: bool) -> Dict {
    let mut dict = Dict::new();
    put(&mut dict, "video", video);
    dict
}

/// Reads whether the call is to have video; without the key it has none.
///
/// # Errors
///
/// [`ArgumentError`] if it is no boolean.
pub fn dial_video(options: &Dict) -> Result<bool, ArgumentError> {
    Ok(Reader(options).boolean("video")?.unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_read_back() {
        for video in [false, true] {
            assert_eq!(dial_video(&dial_options(video)), Ok(video));
        }
        assert_eq!(dial_video(&Dict::new()), Ok(false));
        let mut wrong = Dict::new();
        put(&mut wrong, "video", "yes");
        let error = dial_video(&wrong).unwrap_err();
        assert_eq!(error.to_string(), "video: must be of D-Bus type b");
    }
}
