//! The five minutes of the README, line by line: every command is run, and answers the status that its comment names.

use std::fs;
use std::path::Path;
use std::process::Command;

use e2e::stack::Stack;

/// The commands of the tour, each with the statuses it may answer.
fn tour() -> Vec<(String, Vec<String>)> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = fs::read_to_string(readme).unwrap();
    let section = text
        .split("## Five minutes")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let commands = section.lines().filter(|line| line.starts_with("curl "));
    let parts = commands.map(|line| line.split_once(" # ").unwrap());
    let digits = |word: &&str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    parts
        .map(|(command, comment)| {
            let words = comment.split(|letter: char| !letter.is_ascii_alphanumeric());
            (command.to_owned(), words.filter(digits).map(str::to_owned).collect())
        })
        .collect()
}

/// Runs a command of the tour; yields the status of the answer.
fn run(command: &str, base: &str) -> String {
    let command = command.replace("localhost:8000", base.trim_start_matches("http://"));
    let output = Command::new("bash")
        .args(["-c", &format!("{command} -o /dev/null -w '%{{http_code}}'")])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_five_minutes_does_what_it_says() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let tour = tour();
    assert!(tour.len() > 10, "{tour:?}");
    for (command, statuses) in tour {
        let status = run(&command, stack.api().base());
        assert!(statuses.contains(&status), "{command}: {status}, not {statuses:?}");
    }
}
