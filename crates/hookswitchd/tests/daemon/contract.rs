//! What is served is what `interfaces/` promises.

use zbus::fdo::IntrospectableProxy;

use crate::world::World;

const PROMISED: &str = include_str!("../../../../interfaces/org.hookswitch.Calls1.xml");

#[tokio::test]
async fn the_introspection_equals_the_published_interfaces() {
    let world = World::start("").await;
    let proxy = IntrospectableProxy::builder(&world.hand.connection)
        .destination("org.hookswitch.Calls1")
        .path("/org/hookswitch/Calls1")
        .build()
        .await
        .expect("a proxy");
    let served = proxy.introspect().await.expect("introspection");
    let (mut served, mut promised) = (shape(&served), shape(PROMISED));
    served.retain(|line| line.starts_with("org.hookswitch."));
    served.sort();
    promised.sort();
    assert_eq!(served, promised);
}

/// One line for each member: interface, kind, name and its arguments in order.
fn shape(xml: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut interface = String::new();
    for tag in tags(xml) {
        let name = attribute(tag, "name");
        match tag.split([' ', '/', '>']).next() {
            Some("interface") => interface = name,
            Some("method") => lines.push(format!("{interface} method {name}")),
            Some("signal") => lines.push(format!("{interface} signal {name}")),
            Some("property") => {
                let (kind, access) = (attribute(tag, "type"), attribute(tag, "access"));
                lines.push(format!("{interface} property {name} {kind} {access}"));
            }
            Some("arg") => {
                let line = lines.last_mut().expect("an argument belongs to a member");
                let direction = match line.contains(" signal ") {
                    true => String::new(),
                    false => attribute(tag, "direction"),
                };
                let kind = attribute(tag, "type");
                line.push_str(&format!(" ({direction} {name}: {kind})"));
            }
            Some(_) | None => {}
        }
    }
    lines
}

/// The insides of all tags, comments left out.
fn tags(xml: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let (tag, after) = match rest.strip_prefix("!--") {
            Some(comment) => ("", comment.split_once("-->").expect("comments end").1),
            None => rest.split_once('>').expect("tags end"),
        };
        tags.push(tag);
        rest = after;
    }
    tags
}

fn attribute(tag: &str, name: &str) -> String {
    let start = format!("{name}=\"");
    let value = tag.split_once(&start).map(|(_, after)| after);
    let value = value.and_then(|after| after.split_once('"'));
    value.map_or(String::new(), |(value, _)| value.to_owned())
}
