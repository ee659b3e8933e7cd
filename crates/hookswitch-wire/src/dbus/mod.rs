//! D-Bus names, error names and conversions.
