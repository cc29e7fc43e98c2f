//! Stores that cannot be used, or not for a while.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::json;
use wf_host_tests::{binary, text, wf_host};

use crate::served::{House, starting};

/// A server that must not start.
fn refused(house: &House, flags: &[&str]) -> Output {
    let mut command = wf_host(&["serve", "--addr", "127.0.0.1:0", "--store"]);
    command
        .arg(house.store())
        .args(flags)
        .current_dir(house.path(""));
    command.output().unwrap()
}

#[test]
fn a_second_process_is_told_who_has_the_store() {
    let house = House::new();
    let served = house.serve(&[]);
    let store = house.store();
    let mut run = wf_host(&[
        "run",
        "nap.asl.json",
        "--input",
        r#"{"seconds": 0}"#,
        "--store",
    ]);
    let run = run
        .arg(&store)
        .current_dir(house.path(""))
        .output()
        .unwrap();
    for ended in [refused(&house, &[]), run] {
        let stderr = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains("is in use"), "{stderr}");
        assert!(
            stderr.contains(&format!("http://{}", served.address)),
            "{stderr}"
        );
        assert!(ended.stdout.is_empty());
    }
    assert_eq!(served.client().list("nap").len(), 0);
    served.kill();
    // Whoever died holds nothing.
    assert_eq!(house.serve(&[]).end(), Some(0));
}

#[test]
fn a_store_of_somebody_else_is_refused() {
    let house = House::new();
    std::fs::write(house.store(), "notes of mine\n").unwrap();
    let ended = refused(&house, &[]);
    let stderr = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("is no store of wf-host"), "{stderr}");
    assert_eq!(
        std::fs::read_to_string(house.store()).unwrap(),
        "notes of mine\n"
    );
    for path in ["/nowhere/wf.db", "/proc/wf.db"] {
        let ended = wf_host(&["serve", "--addr", "127.0.0.1:0", "--store", path])
            .output()
            .unwrap();
        let stderr = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains("cannot open"), "{stderr}");
    }
}

#[test]
fn a_store_that_may_only_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new();
    assert_eq!(house.serve(&[]).end(), Some(0));
    let before = std::fs::read(house.store()).unwrap();
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&house.store(), 0o444);
    mode(&house.path("wf-host.toml"), 0o444);
    let own = house.path("wf-host");
    let linked = std::fs::hard_link(binary(), &own);
    // A folder of another file system.
    linked
        .or_else(|_| std::fs::copy(binary(), &own).map(drop))
        .unwrap();
    let mut command = Command::new(own);
    command
        .env_clear()
        .args(["serve", "--addr", "127.0.0.1:0", "--store"])
        .arg(house.store())
        .current_dir(house.path(""));
    let mut folder = 0o555;
    if may_all() {
        // Nothing is closed to the administrator: somebody else tries.
        use std::os::unix::process::CommandExt;
        command.uid(65534).gid(65534);
        folder = 0o755;
    }
    mode(&house.path("."), folder);
    let ended = command.output().unwrap();
    mode(&house.path("."), 0o755);
    let stderr = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("wf.db"), "{stderr}");
    assert_eq!(std::fs::read(house.store()).unwrap(), before);
}

/// Whether whoever runs the tests is the administrator.
fn may_all() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    text(&id.stdout).trim() == "0"
}

#[test]
fn a_key_is_needed_and_must_be_the_right_one() {
    let house = House::new();
    let (right, wrong) = (house.path("right"), house.path("wrong"));
    std::fs::write(&right, "ab".repeat(32)).unwrap();
    std::fs::write(&wrong, "cd".repeat(32)).unwrap();
    let flags = ["--store-key", right.to_str().unwrap()];
    let served = house.serve(&flags);
    let arn = served
        .client()
        .start("parked", "secret", &json!({"word": "sesame"}));
    served.kill();
    let wrong = ["--store-key", wrong.to_str().unwrap()];
    for (flags, says) in [
        (&[][..], "is encrypted: give the key"),
        (&wrong, "is encrypted with another key"),
        (&["--store-key", "nowhere"], "cannot read the key"),
    ] {
        let ended = refused(&house, flags);
        let stderr = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains(says), "{stderr}");
    }
    for file in ["wf.db", "wf.db-wal"] {
        let bytes = std::fs::read(house.path(file)).unwrap_or_default();
        assert!(!bytes.windows(6).any(|word| word == b"sesame"), "{file}");
    }
    let served = house.serve(&flags);
    let told = served.client().describe(&arn);
    assert_eq!(
        (&told["status"], &told["input"]),
        (&json!("RUNNING"), &json!(r#"{"word":"sesame"}"#))
    );
}

#[test]
fn nothing_is_acknowledged_on_a_full_disk_and_it_goes_on_when_there_is_space() {
    let house = House::new();
    let served = house.serve_cramped(2048);
    let mut client = served.client();
    let padding = "x".repeat(20_000);
    let input = json!({"padding": padding});
    let mut kept = Vec::new();
    let refused = loop {
        let name = format!("e{}", kept.len());
        let answer = client.call("StartExecution", &starting("parked", &name, &input));
        if answer.status != 200 {
            break answer;
        }
        kept.push(name);
        assert!(kept.len() < 1000, "it never was full");
    };
    assert!(kept.len() > 3, "{kept:?}");
    assert_eq!(
        (refused.status, refused.error()),
        (503, "ServiceUnavailable"),
        "{}",
        refused.body
    );
    assert!(
        refused.body["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "{}",
        refused.body
    );
    let more = client.call("StartExecution", &starting("parked", "more", &json!({})));
    assert_eq!(more.status, 503, "{}", more.body);
    assert!(
        house.said().contains("the store keeps nothing for now"),
        "{}",
        house.said()
    );
    let names = |executions: Vec<serde_json::Value>| -> Vec<String> {
        let names = executions
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned());
        names.collect()
    };
    let listed = names(client.list("parked"));
    assert!(kept.iter().all(|name| listed.contains(name)), "{listed:?}");

    let process = served.process_id().to_string();
    let lifted = Command::new("prlimit")
        .args(["--pid", &process, "--fsize=unlimited"])
        .status();
    assert!(lifted.unwrap().success());
    let began = Instant::now();
    loop {
        let answer = client.call("StartExecution", &starting("parked", "later", &json!({})));
        if answer.status == 200 {
            break;
        }
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "it does not go on"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    kept.push("later".to_owned());
    assert!(
        house.said().contains("the store keeps again"),
        "{}",
        house.said()
    );
    served.kill();
    let served = house.serve(&[]);
    let mut listed = names(served.client().list("parked"));
    assert!(kept.iter().all(|name| listed.contains(name)), "{listed:?}");
    let number = listed.len();
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), number);
}

#[test]
fn what_is_damaged_is_told_and_the_rest_goes_on() {
    let house = House::new();
    let served = house.serve(&[]);
    let mut client = served.client();
    let hurt = client.start(
        "nap",
        "hurt",
        &json!({"seconds": 3000, "mark": "sound-and-whole"}),
    );
    let well = client.start("nap", "well", &json!({"seconds": 3}));
    assert_eq!(served.end(), Some(0));
    let mut bytes = std::fs::read(house.store()).unwrap();
    let mark = b"sound-and-whole";
    let places: Vec<usize> = (0..bytes.len() - mark.len())
        .filter(|at| bytes[*at..].starts_with(mark))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 5].copy_from_slice(b"wound");
    }
    std::fs::write(house.store(), bytes).unwrap();
    let served = house.serve(&[]);
    let mut client = served.client();
    assert_eq!(client.ended(&well)["status"], "SUCCEEDED");
    let said = house.said();
    let line = said.lines().find(|line| line.contains(&hurt));
    assert!(
        line.is_some_and(|line| line.contains("cannot go on")),
        "{said}"
    );
    assert!(!said.contains(&well), "{said}");
    let told = client.call("DescribeExecution", &json!({"executionArn": hurt}));
    assert!(told.status >= 500, "{told:?}");
    let fresh = client.start("nap", "fresh", &json!({"seconds": 0}));
    assert_eq!(client.ended(&fresh)["status"], "SUCCEEDED");
    let again = client.call(
        "StartExecution",
        &starting("nap", "hurt", &json!({"seconds": 1})),
    );
    assert_ne!(again.status, 200, "its name is taken: {}", again.body);
    assert_eq!(served.end(), Some(0));
}
