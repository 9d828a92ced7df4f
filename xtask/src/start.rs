//! The Worker on this machine, in the real runtime.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::{OFFLINE, program, succeed};

const PORT: u16 = 8787;

/// wrangler builds, serves, and builds again when a file changes.
pub fn start(options: &[&str]) -> Result<()> {
    let port = options
        .windows(2)
        .find_map(|pair| {
            (pair[0] == "--port")
                .then(|| pair[1].parse().ok())
                .flatten()
        })
        .unwrap_or(PORT);
    thread::spawn(move || say_hello(port));
    succeed(
        program("wrangler")
            .args(["dev", "--ip", "127.0.0.1", "--port", &port.to_string()])
            .args(without_port(options))
            .envs(OFFLINE),
    )
}

fn without_port<'a>(options: &[&'a str]) -> Vec<&'a str> {
    let mut rest = options.iter();
    let mut kept = Vec::new();
    while let Some(option) = rest.next() {
        if *option == "--port" {
            rest.next();
        } else {
            kept.push(*option);
        }
    }
    kept
}

/// Once somebody listens, what to try.
fn say_hello(port: u16) {
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        thread::sleep(Duration::from_millis(200));
    }
    println!(
        "\nIsthmus listens. Try it:\n\n  curl http://127.0.0.1:{port}/v1/chat/completions -d \
         '{{\"model\": \"demo\", \"messages\": [{{\"role\": \"user\", \"content\": \"Hello\"}}]}}'\n\n\
         or point any OpenAI client at OPENAI_BASE_URL=http://127.0.0.1:{port}/v1 (any key will do).\n\
         To use a real provider, copy .dev.vars.example to .dev.vars and fill in what you have.\n"
    );
}
