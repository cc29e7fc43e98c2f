//! Where an execution stands, for whoever looks at many of them side by side.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use asl::StateId;

use crate::execution::Execution;
use crate::frame::{Activity, Frame};
use crate::ids::FrameId;

impl Execution {
    /// A hash of where it stands: the same for executions that are equal, nearly always another for others.
    ///
    /// It reads no payload, only what each is known to weigh, so it costs the same at every size.
    pub fn fingerprint(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        (self.next_record, self.next_event, self.deadline).hash(&mut hash);
        self.status.as_str().hash(&mut hash);
        for frame in &self.frames {
            match frame {
                None => 0u8.hash(&mut hash),
                Some(frame) => hash_frame(frame, &mut hash),
            }
        }
        hash.finish()
    }

    /// A frame and all inside of it, each after what is around it and in the order of branches and items.
    pub(crate) fn within(&self, id: FrameId) -> Vec<FrameId> {
        let mut children: BTreeMap<FrameId, Vec<(u32, FrameId)>> = BTreeMap::new();
        for (child, frame) in (0..).map(FrameId).zip(&self.frames) {
            if let Some((parent, slot)) = frame.as_ref().and_then(|frame| frame.parent) {
                children.entry(parent).or_default().push((slot, child));
            }
        }
        let (mut found, mut open) = (Vec::new(), vec![id]);
        while let Some(next) = open.pop() {
            found.push(next);
            let mut inside = children.remove(&next).unwrap_or_default();
            inside.sort_unstable();
            open.extend(inside.into_iter().rev().map(|(_, child)| child));
        }
        found
    }

    /// The states that its frames are in, the machine's own first.
    pub fn standing(&self) -> impl Iterator<Item = (FrameId, StateId)> {
        let frames = (0..).map(FrameId).zip(&self.frames);
        frames.filter_map(|(id, frame)| Some((id, frame.as_ref()?.state)))
    }
}

fn hash_frame(frame: &Frame, hash: &mut DefaultHasher) {
    (frame.state, frame.data.size(), frame.last_event).hash(hash);
    (&frame.attempts, frame.deadline()).hash(hash);
    let doing: u8 = match &frame.activity {
        Activity::Entering => 1,
        Activity::Running => 2,
        Activity::Waiting { .. } => 3,
        Activity::Task(_) => 4,
        Activity::Backoff { .. } => 5,
        Activity::Children(_) => 6,
        Activity::Done => 7,
        Activity::MapRun(_) => 8,
        Activity::Ended(_) => 9,
    };
    doing.hash(hash);
}
