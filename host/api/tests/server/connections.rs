//! Connections: kept, shared, given up, and ended in order.

use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::Duration;

use api::server::Settings;

use crate::world::{Client, World, eventually, nothing, request, states};

#[test]
fn a_connection_serves_many_requests() {
    let world = World::new(nothing);
    let mut client = world.connect();
    for _ in 0..3 {
        client.send(states("ListActivities", "{}"));
        assert_eq!(client.answer().unwrap().status, 200);
        client.send(states("ListActivities", "nonsense"));
        assert_eq!(client.answer().unwrap().status, 400);
    }
    client.send(request("GET /health", &["Connection: close"], ""));
    assert_eq!(client.answer().unwrap().status, 200);
    assert!(client.is_closed());
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let world = World::new(|_, parameters| Ok(parameters.clone()));
    let mut client = world.connect();
    let bodies: Vec<String> = (0..20).map(|n| format!("{{\"n\":{n}}}")).collect();
    let all: String = bodies
        .iter()
        .map(|body| states("ListActivities", body))
        .collect();
    client.send(all);
    for body in bodies {
        assert_eq!(client.answer().unwrap().body, body);
    }
}

#[test]
fn a_client_that_goes_away_frees_what_it_waited_for() {
    let world = World::new(nothing);
    let polls = 8;
    let gone = || world.behind.gone.load(Ordering::SeqCst);
    let clients: Vec<Client> = (0..polls)
        .map(|_| {
            let mut client = world.connect();
            client.send(states("GetActivityTask", "{}"));
            client
        })
        .collect();
    eventually("all polls wait", || {
        world.behind.waiting.load(Ordering::SeqCst) == polls
    });
    assert_eq!(gone(), 0);
    let (half, whole) = clients.split_at(polls / 2);
    half.iter().for_each(Client::half_close);
    eventually("half-closed polls are given up", || gone() == whole.len());
    drop(clients);
    eventually("closed polls are given up", || gone() == polls);
    eventually("no connection is left", || open(&world) == 1);
}

/// The open connections, as the server counts them: this one, too.
fn open(world: &World) -> usize {
    let answer = world.ask(&request("GET /metrics", &["Connection: close"], ""));
    let lines = answer.body.lines();
    let line = lines
        .filter_map(|line| line.strip_prefix("wf_host_connections "))
        .next();
    line.unwrap().parse().unwrap()
}

#[test]
fn a_client_that_takes_no_answer_is_given_up() {
    let settings = Settings {
        answer_pause: Duration::from_millis(300),
        ..Settings::default()
    };
    let large = |_: &str, _: &data::Data| Ok(data::Data::from("x".repeat(50 << 20)));
    let world = World::with(settings, large);
    let mut client = world.connect();
    client.send(states("ListActivities", "{}"));
    eventually("the answer is on its way", || !world.heard().is_empty());
    eventually("no connection is left", || open(&world) == 1);
    drop(client);
}

#[test]
fn connections_are_bounded() {
    let settings = Settings {
        max_connections: 2,
        ..Settings::default()
    };
    let world = World::with(settings, nothing);
    let mut held: Vec<Client> = (0..2).map(|_| world.connect()).collect();
    for client in &mut held {
        client.send(states("ListActivities", "{}"));
        assert_eq!(client.answer().unwrap().status, 200);
    }
    let mut third = world.connect();
    third.send(states("ListStateMachines", "{}"));
    // The two still serve, and the third is heard only when one of them is gone.
    held[0].send(states("ListActivities", "{}"));
    assert_eq!(held[0].answer().unwrap().status, 200);
    assert!(
        world
            .heard()
            .iter()
            .all(|heard| heard.operation == "ListActivities")
    );
    drop(held.pop());
    assert_eq!(third.answer().unwrap().status, 200);
}

#[test]
fn answers_under_way_are_finished_when_the_server_stops() {
    let mut world = World::new(nothing);
    let mut idle = world.connect();
    idle.send(states("ListActivities", "{}"));
    assert_eq!(idle.answer().unwrap().status, 200);
    let mut busy = world.connect();
    busy.send(states("StopExecution", "{}"));
    eventually("the call waits", || {
        world.behind.waiting.load(Ordering::SeqCst) == 2
    });
    world.stop();
    assert!(idle.is_closed());
    eventually("nothing is accepted", || {
        TcpStream::connect(world.address).is_err()
    });
    world.behind.release.notify_one();
    assert_eq!(busy.answer().unwrap().status, 200);
    assert!(busy.is_closed());
    world.join();
}

#[test]
fn what_does_not_finish_is_cut() {
    let settings = Settings {
        grace: Duration::from_millis(100),
        ..Settings::default()
    };
    let mut world = World::with(settings, nothing);
    let mut poll = world.connect();
    poll.send(states("GetActivityTask", "{}"));
    eventually("the poll waits", || {
        world.behind.waiting.load(Ordering::SeqCst) == 1
    });
    world.join();
    assert!(poll.is_closed());
    assert_eq!(world.behind.gone.load(Ordering::SeqCst), 1);
}
