//! Waiting for the first of two.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// The output of `work`, or of `stop` when that is ready while `work` is not.
pub(crate) async fn race<T, E>(
    work: impl Future<Output = T>,
    stop: impl Future<Output = E>,
) -> Result<T, E> {
    let mut work = pin!(work);
    let mut stop = pin!(stop);
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Ok(done)),
        Poll::Pending => stop.as_mut().poll(cx).map(Err),
    })
    .await
}
