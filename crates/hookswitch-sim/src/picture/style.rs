//! Colors and faces: those of the calling UI.

/// Which colors a picture takes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum Theme {
    /// Light, and dark where the reader's system is dark.
    #[default]
    Auto,
    /// Light everywhere.
    Light,
    /// Dark everywhere.
    Dark,
}

/// The faces of the calling UI.
pub(super) const FONT: &str = "\"Adwaita Sans\",Inter,Cantarell,system-ui,sans-serif";
/// The same, with letters of one width.
pub(super) const MONO: &str =
    "\"Adwaita Mono\",\"JetBrains Mono\",ui-monospace,\"DejaVu Sans Mono\",monospace";

/// The colors of one theme.
pub(super) struct Colors {
    surface: &'static str,
    tile: &'static str,
    rule: &'static str,
    ink: &'static str,
    ink2: &'static str,
    ink3: &'static str,
    live: &'static str,
    live_bg: &'static str,
    held: &'static str,
    held_bg: &'static str,
    bad: &'static str,
    bad_bg: &'static str,
    link: &'static str,
}

pub(super) const LIGHT: Colors = Colors {
    surface: "#FFFFFF",
    tile: "#EBEFF2",
    rule: "#D5DCE1",
    ink: "#11171B",
    ink2: "#47525A",
    ink3: "#5D6870",
    live: "#13683F",
    live_bg: "#E3F3EA",
    held: "#764B00",
    held_bg: "#FFF1D6",
    bad: "#AC2722",
    bad_bg: "#FCE9E7",
    link: "#1758B4",
};

pub(super) const DARK: Colors = Colors {
    surface: "#151A1E",
    tile: "#262D33",
    rule: "#2E373E",
    ink: "#EDF1F4",
    ink2: "#B6C0C7",
    ink3: "#98A4AC",
    live: "#6BD3A0",
    live_bg: "#12291F",
    held: "#EDBB68",
    held_bg: "#2D2310",
    bad: "#FF9A92",
    bad_bg: "#331916",
    link: "#8DBBFF",
};

/// The rules of a theme for a picture that stands alone.
pub(super) fn sheet(theme: Theme) -> String {
    let shapes = shapes();
    match theme {
        Theme::Light => format!("{shapes}{}", paint(&LIGHT)),
        Theme::Dark => format!("{shapes}{}", paint(&DARK)),
        Theme::Auto => format!(
            "{shapes}{}@media (prefers-color-scheme:dark){{{}}}",
            paint(&LIGHT),
            paint(&DARK)
        ),
    }
}

/// What is the same in every theme.
pub(super) fn shapes() -> String {
    format!(
        "text{{font:450 12.5px {FONT}}}.h{{font-size:17px;font-weight:650}}.k{{font-weight:600}}\
         .m{{font:450 12px {MONO}}}.b{{font-size:12.5px;font-weight:600}}.s{{font-size:12px}}\
         .ev,.evf{{stroke-width:2}}.arr,.link,.asked,.heldb,.silent{{stroke-width:1.5;fill:none}}\
         .link{{stroke-dasharray:4 4}}.col{{stroke-dasharray:2 5}}\
         .asked{{stroke-dasharray:4 3}}.ownt{{font-weight:650}}.heldt,.silt{{font-weight:600}}\
         .badt{{font-weight:650}}.halo{{paint-order:stroke;stroke-width:5;stroke-linejoin:round}}"
    )
}

/// The colors of one theme, as rules without variables: not every program that shows SVG knows
/// those.
pub(super) fn paint(c: &Colors) -> String {
    let Colors {
        surface,
        tile,
        rule,
        ink,
        ink2,
        ink3,
        live,
        live_bg,
        held,
        held_bg,
        bad,
        bad_bg,
        link,
    } = c;
    format!(
        ".page{{fill:{surface};stroke:{rule}}}text,.m,.s{{fill:{ink2}}}.h,.k,.t{{fill:{ink}}}\
         .lane,.col{{stroke:{rule}}}.halo{{stroke:{surface}}}\
         .ev{{fill:{surface};stroke:{ink}}}.evf{{fill:{ink};stroke:{ink}}}.arr{{stroke:{ink2}}}\
         .tip{{fill:{ink2}}}.ev.bad{{stroke:{bad}}}.evf.bad{{fill:{bad};stroke:{bad}}}\
         .arr.bad{{stroke:{bad}}}.tip.bad{{fill:{bad}}}.link{{stroke:{link}}}\
         .work,.strip{{fill:{tile}}}.own{{fill:{live}}}.ownt{{fill:{surface}}}\
         .asked{{stroke:{ink2}}}.heldb{{fill:{held_bg};stroke:{held}}}.heldt{{fill:{held}}}\
         .silent{{stroke:{bad}}}.silt,.badt{{fill:{bad}}}.nob{{stroke:{ink3}}}\
         .hatch{{stroke:{ink3}}}.hatchb{{stroke:{bad}}}\
         .okp{{fill:{live_bg}}}.okt{{fill:{live}}}.badp{{fill:{bad_bg}}}"
    )
}
