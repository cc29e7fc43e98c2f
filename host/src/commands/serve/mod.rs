//! `wf-host serve`: the AWS endpoint that clients use with `--endpoint-url`.

mod plan;
mod services;

use std::io::ErrorKind;
use std::sync::Arc;

use anyhow::Result;
use api::server::{Metrics, Server, Settings};

use crate::args::{LogLevelArg, ServeArgs};
use crate::commands::run::tokio_runtime;
use crate::exit::{Exit, because, because_hint};
use crate::failures::tell_effects;
use crate::signals::first_signal;
use crate::{logging, output};
use plan::Plan;
use services::Opened;

/// Serves until a signal comes.
pub fn serve(args: &ServeArgs) -> Result<Exit> {
    let plan = Plan::of(args)?;
    logging::start(args.log_format, args.log_level)?;
    let tokio = tokio_runtime()?;
    let served = tokio.block_on(listen(args, plan));
    tokio.shutdown_background();
    served
}

async fn listen(args: &ServeArgs, plan: Plan) -> Result<Exit> {
    // Before anybody is told the address, so that a signal that comes at once is not lost.
    let signal = first_signal()?;
    let metrics = Arc::new(Metrics::default());
    let Opened {
        services,
        host,
        mut work,
        tally,
    } = services::open(plan, &metrics);
    let settings = Settings {
        allowed_hosts: args.allow_host.clone(),
        log_payloads: args.log_payloads,
        ..Settings::default()
    };
    let server = Server::bind(&args.addr, settings, services, metrics).await;
    let server = server.map_err(|error| not_bound(&args.addr, &error))?;
    let address = server.address();
    if !address.ip().is_loopback() {
        output::talk(&format!(
            "warning: everybody who reaches {address} can use this endpoint: nothing is authenticated"
        ));
    }
    output::data(&format!("http://{address}\n"));
    let quiet = args.log_level == LogLevelArg::Off;
    let ended = tokio::select! {
        () = server.serve(signal) => {
            host.close().await;
            work.await
        }
        ended = &mut work => ended,
    };
    tell_effects(&tally, quiet);
    match ended {
        Ok(Ok(())) => Ok(Exit::Ok),
        Ok(Err(error)) => Err(because(Exit::HostFault, error.to_string())),
        Err(error) => Err(because(Exit::HostFault, error.to_string())),
    }
}

fn not_bound(address: &str, error: &std::io::Error) -> anyhow::Error {
    let message = format!("--addr {address}: {error}");
    match error.kind() {
        ErrorKind::AddrInUse => because_hint(
            Exit::Usage,
            message,
            "something else listens there; --addr 127.0.0.1:0 takes any port that is free",
        ),
        ErrorKind::PermissionDenied => because_hint(
            Exit::Usage,
            message,
            "ports below 1024 are the administrator's; 4566 is the usual one",
        ),
        _ => because(Exit::Usage, message),
    }
}
