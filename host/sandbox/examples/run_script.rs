//! dev only: snapshot <quickjs.wasm> <nm> <boot> <out> | run <wasm> <task> <handler> <event> [env=..]
#![allow(clippy::all, clippy::pedantic, missing_docs)]
use std::path::Path; use std::time::{Duration, Instant}; use std::sync::Arc; use sandbox::*;
struct Jump; impl Sleeper for Jump { fn sleep_until(&self, _: Duration) -> std::pin::Pin<Box<dyn Future<Output=()>+Send>> { Box::pin(async{}) } }
fn walk(dir:&Path, virt:&str, out:&mut Vec<(String,Vec<u8>)>) { for e in std::fs::read_dir(dir).unwrap() { let e=e.unwrap(); let p=e.path(); let n=e.file_name().into_string().unwrap(); let v=format!("{virt}/{n}"); if p.is_dir() { walk(&p,&v,out) } else if n.ends_with(".js")||n.ends_with(".json")||n.ends_with(".cjs") { out.push((v,std::fs::read(&p).unwrap())) } } }
#[tokio::main]
async fn main() {
 let a:Vec<String>=std::env::args().collect();
 let sandbox=Sandbox::new(Config{cache_dir:Some("/tmp/js/cache".into()),max_guests:50,..Config::default()}).unwrap();
 if a[1]=="snapshot" { let mut f=vec![]; walk(Path::new(&a[3]),"/node/node_modules",&mut f); walk(Path::new(&a[4]),"/node/boot",&mut f);
  let t=Instant::now(); let w=sandbox.snapshot_script(&std::fs::read(&a[2]).unwrap(),&f,"/node/boot/main.js").await; match w { Err(e)=>{eprintln!("{e}");std::process::exit(1)}, Ok(w)=>{ eprintln!("{} bytes in {:?}",w.len(),t.elapsed()); std::fs::write(&a[5],w).unwrap(); } } return }
 let w=std::fs::read(&a[2]).unwrap(); let t=Instant::now(); let g=sandbox.load("js",&w).unwrap(); let load=t.elapsed();
 let n=std::env::var("N").ok().and_then(|n|n.parse().ok()).unwrap_or(1);
 for i in 0..n {
 let mut inv=Invocation::new(a[5].clone(), r#"{"functionName":"fn","functionVersion":"$LATEST","invokedFunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:fn","memoryLimitInMB":128,"awsRequestId":"8f5b2f6e-0000-4000-8000-000000000001","logGroupName":"/aws/lambda/fn","logStreamName":"2026/01/01/[$LATEST]abc","deadlineMs":1767225603000}"#);
 inv.environment=vec![("_HANDLER".into(),a[4].clone()),("LAMBDA_TASK_ROOT".into(),"/var/task".into()),("AWS_LAMBDA_FUNCTION_NAME".into(),"fn".into()),("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".into(),"128".into()),("AWS_REGION".into(),"us-east-1".into()),("TZ".into(),":UTC".into())];
 for e in &a[6..] { let (k,v)=e.split_once('=').unwrap(); inv.environment.push((k.into(),v.into())); }
 inv.mounts=vec![Root::open(&a[3]).unwrap().mount(".","/var/task",Access::ReadOnly).unwrap()]; inv.scratch=Some(64<<20); inv.seed=Some([7;32]);
 if let Ok(o)=std::env::var("OPT") { inv.mounts.push(Root::open(&o).unwrap().mount(".","/opt",Access::ReadOnly).unwrap()); }
 if std::env::var("REAL").is_err() { inv.time=Time::Virtual{start:Duration::from_secs(1767225600),sleeper:Arc::new(Jump)}; } 
 if let Ok(t)=std::env::var("TIMEOUT") { inv.limits.timeout=Duration::from_secs(t.parse().unwrap()); }
 let t=Instant::now(); let o=sandbox.invoke(&g,inv).await; let e=t.elapsed();
 if i+1==n { match o { Ok(o)=>{ for l in &o.log { println!("LOG {l}"); } match &o.end { End::Returned(b)=>println!("OK {}",String::from_utf8_lossy(b)), End::FunctionError(b)=>println!("ERR {}",String::from_utf8_lossy(b)), x=>println!("END {x:?}") } eprintln!("load {load:?} run {e:?} fuel {} virt {:?} mem {}",o.fuel,o.elapsed,o.peak_memory); } Err(e)=>println!("FAULT {e}") } } }
}
