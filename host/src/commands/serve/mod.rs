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
use crate::{logging, output, store};
use plan::Plan;
use runtime::Functions;
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
        functions,
        host,
        mut work,
        tally,
        store,
    } = services::open(plan, &metrics)?;
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
    if let Some(store) = &store {
        let announced = store.announce(&format!("http://{address}"));
        announced.map_err(|error| because(Exit::BadFile, error.to_string()))?;
    }
    output::data(&format!("http://{address}\n"));
    let quiet = args.log_level == LogLevelArg::Off;
    tokio::task::spawn_blocking(move || load(&functions, quiet));
    let ended = tokio::select! {
        () = server.serve(signal) => {
            host.close().await;
            work.await
        }
        ended = &mut work => ended,
    };
    tell_effects(&tally, quiet);
    store::close(store)?;
    match ended {
        Ok(Ok(())) => Ok(Exit::Ok),
        Ok(Err(error)) => Err(because(Exit::HostFault, error.to_string())),
        Err(error) => Err(because(Exit::HostFault, error.to_string())),
    }
}

/// Loads the guests of the functions file while the first requests come in, so that nobody waits for a compiler. One
/// that cannot be loaded is told now, and to whoever calls it.
fn load(functions: &Functions, quiet: bool) {
    let guests = functions
        .iter()
        .filter(|function| function.endpoint().is_none());
    for failure in guests.filter_map(|function| functions.guest(function).err()) {
        if !quiet {
            output::talk(&format!("warning: {failure}"));
        }
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
