//! JSON messages of the HTTP interface and of the state document.
