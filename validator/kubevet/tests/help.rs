//! Help that fits a screen, with examples that run; completions and manual pages.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::process::Command;

use common::desk::Desk;
use common::{Scratch, has_tool, kubevet};

const COMMANDS: [&str; 14] =
    ["check", "diff", "render", "graph", "explain", "rules", "export", "schemas", "test", "schema", "vendor", "init", "completions", "man"];

fn help(arguments: &[&str]) -> String {
    let output = kubevet().args(arguments).env("COLUMNS", "80").output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_fits_a_screen() {
    for arguments in std::iter::once(vec!["--help"]).chain(COMMANDS.map(|command| vec![command, "--help"])) {
        let text = help(&arguments);
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(text.lines().count() <= 40 && widest <= 80, "{} lines, {widest} columns:\n{text}", text.lines().count());
        let short = help(
            &arguments
                .iter()
                .map(|argument| argument.replace("--help", "-h"))
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        );
        assert_eq!(text, short, "-h and --help say the same");
    }
    let all = help(&["--help"]);
    COMMANDS.iter().for_each(|command| assert!(all.contains(&format!("\n  {command} ")), "{command}"));
    for code in 0..=4 {
        assert!(all.contains(&format!("\n  {code}  ")), "{all}");
        assert!(help(&["check", "--help"]).contains(&format!("{code} ")));
    }
}

#[test]
fn what_people_read_first() {
    insta::assert_snapshot!(format!("{}\n{}", help(&["--help"]), help(&["check", "--help"])));
}

#[test]
fn the_version_says_what_it_builds_as_and_judges_by() {
    let short = help(&["-V"]);
    let long = help(&["--version"]);
    assert_eq!(short.trim(), format!("kubevet {}", env!("CARGO_PKG_VERSION")));
    assert!(long.starts_with(&short), "{long}");
    let kustomize = kustomize::Version::ALL.map(|version| version.description());
    let kubernetes = kubevet_facts::schema::Version::ALL.map(|version| version.as_str());
    for version in kustomize.into_iter().chain(kubernetes) {
        assert!(long.contains(version), "no {version} in\n{long}");
    }
    assert_eq!(long.matches("(default)").count(), 2, "{long}");
}

/// The examples of each command, without what they say of themselves.
#[test]
fn examples_run() {
    let desk = Desk::new();
    let home = "mkdir -p ~/.local/share/bash-completion/completions ~/.zfunc && man() { cat > /dev/null; } && ";
    for command in COMMANDS {
        let text = help(&[command, "--help"]);
        let examples = text.split("Examples:\n").nth(1).unwrap_or_else(|| panic!("{command} has no examples"));
        for line in examples.lines().take_while(|line| line.starts_with("  ")) {
            let example = line.trim_start().split("  ").next().unwrap_or_default();
            if example == "kubevet init" || example == "kubevet init deploy" {
                desk.shell("rm -rf policies; mkdir -p deploy; cp -r base overlays jobs deploy");
            } else if example.contains("shared/policies") {
                desk.shell("mkdir -p shared/policies/shared; printf 'package main\\n\\ndeny contains \"x\" if false\\n' > shared/policies/shared/x.rego");
            }
            let output = desk.shell(&format!("{home}{example}"));
            assert!(
                output.status.success(),
                "{example}: {}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            desk.calls();
        }
    }
}

#[test]
fn completions_for_every_shell() {
    let scratch = Scratch::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = scratch.run(&["completions", shell]).ends_with(0);
        for word in ["verify-render", "completions", "explain"] {
            assert!(run.stdout.contains(word), "{shell}: {word}");
        }
    }
    scratch.run(&["completions", "tcsh"]).ends_with(2).says("tcsh").says("possible values");
}

/// The script completes as bash calls it.
#[test]
fn bash_completes() {
    if !has_tool("bash", "bash_completes") {
        return;
    }
    let scratch = Scratch::empty();
    let script = scratch.run(&["completions", "bash"]).stdout;
    scratch.write("kubevet.bash", script);
    let ask = "source ./kubevet.bash; COMP_WORDS=(kubevet check --verify); COMP_CWORD=2; _kubevet kubevet --verify check; echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", ask]).current_dir(scratch.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "--verify-render", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn manual_pages() {
    let scratch = Scratch::empty();
    let page = scratch.run(&["man"]).ends_with(0).stdout;
    assert!(page.contains(".TH kubevet 1") && page.contains("Exit codes"), "{page}");
    scratch.run(&["man", "--directory", "man/man1"]).ends_with(0);
    for command in COMMANDS {
        let text = std::fs::read_to_string(scratch.path().join(format!("man/man1/kubevet-{command}.1"))).unwrap();
        assert!(text.contains(".SH OPTIONS") && text.contains("Examples"), "{text}");
    }
    scratch.write("file", "");
    scratch.run(&["man", "--directory", "file"]).ends_with(3).says("file");
}
