//! A table is built, served over HTTP, and asked.

use hookswitch_lookup::ask::{Answer, ask};
use hookswitch_lookup::bounds::Bounds;
use hookswitch_lookup::build::{Options, Report, build};
use hookswitch_lookup::post::{Peer, Transport};
use hookswitch_lookup::rows::read;
use hookswitch_lookup::serve::{Front, pages, serve};
use hookswitch_lookup::service::Service;
use hookswitch_lookup::tokens::verifier::Access;
use hookswitch_lookup_wire::identity::Category;
use tokio::net::TcpListener;

const TABLE: &str = "number,name,block,category,expiry
+14085551212,Johnny Appleseed,no,person,60
+12025550101,\"Demo, Inc.\",no,business,
+12025550102,,yes,,
+12025550103,Nuisance,yes,,
";

#[tokio::test]
async fn numbers_are_looked_up_and_what_is_none_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let records = read(TABLE.as_bytes()).expect("a table");
    let options = Options {
        bundle: "org.example".to_owned(),
        parameters: "n_4096_logq_27_28_28_logt_5".to_owned(),
        rows_per_shard: 2,
    };
    let report = build(&records, &options, folder.path()).expect("it is built");
    let want = Report {
        block_rows: 4,
        identity_rows: 3,
        shards: 3,
    };
    assert_eq!(report, want);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let service = Service::load(folder.path()).expect("it loads");
    let front = Front::new(Bounds::default());
    let pages = pages(service, Access::Open, front.clone());
    let (stop, serving) = serve(listener, None, pages, &front);
    let serving = tokio::spawn(serving);
    let check = tokio::task::spawn_blocking(move || check_service(address));
    check.await.expect("the checks pass");
    stop.stop();
    serving.await.expect("it ends");
}

fn check_service(address: String) {
    let user = "0123".to_owned();
    let peer = Peer {
        transport: Transport::plain(&address),
        user,
        wallet: None,
    };
    let ask = |number: &str| ask_for(&peer, number).expect("an answer");
    let apple = ask("+14085551212");
    let identity = apple.identity.expect("it is known");
    assert_eq!(identity.name, "Johnny Appleseed");
    assert_eq!(identity.category(), Category::Person);
    assert_eq!(identity.cache_expiry_minutes, 60);
    assert_eq!(apple.block, Some(false));
    let demo = ask("+12025550101").identity.expect("it is known");
    assert_eq!(
        (&demo.name[..], demo.category()),
        ("Demo, Inc.", Category::Business)
    );
    let blocked = ask("+12025550102");
    assert_eq!((blocked.block, blocked.identity), (Some(true), None));
    assert_eq!(ask("+442079460000"), Answer::default());

    for wrong in [
        "",
        "14085551212",
        "+",
        "+1408555121x",
        "+1234567890123456",
        "Johnny",
    ] {
        let error = ask_for(&peer, wrong)
            .expect_err("it is no number")
            .to_string();
        assert!(error.contains("plus sign"), "{error}");
    }
}

fn ask_for(peer: &Peer, number: &str) -> anyhow::Result<Answer> {
    ask(peer, "org.example", number)
}

#[test]
fn an_empty_table_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let records = read("number,name\n".as_bytes()).expect("a table");
    let options = Options {
        bundle: "org.example".to_owned(),
        parameters: "n_4096_logq_27_28_28_logt_5".to_owned(),
        rows_per_shard: 2,
    };
    let error = build(&records, &options, folder.path()).expect_err("it is refused");
    assert!(error.to_string().contains("no rows"), "{error}");
    assert!(!folder.path().join("lookup.toml").exists());
}
