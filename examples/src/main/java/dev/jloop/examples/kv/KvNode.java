package dev.jloop.examples.kv;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.ExceptionGroup;
import dev.jloop.core.Fault;
import dev.jloop.core.Task;
import dev.jloop.core.TaskGroup;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;
import dev.jloop.transports.Server;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;

/// One node of the store: takes part in elections, replicates the log, serves clients.
///
/// A node runs once. To restart it, make another one with the same [Storage]. The names of the
/// methods are those of this project; the rules are those of Raft's figure 2, and of its section 8
/// for reads.
///
/// What may go wrong in a test, see [Fault]: `kv.request` loses or delays a request that has come,
/// `kv.answer` what is answered to one that was carried out, and `kv.reply` the reply of another
/// node. `kv.smallBatch` sends entries one by one, and `kv.impatient` makes a node stand for
/// election although there is a leader. Those of the storage are at [MemoryStorage].
///
/// **Threading:** loop thread only.
class KvNode {
    private static final Logger LOG = LoggerFactory.getLogger(KvNode.class);

    /// Of entries in one message.
    private static final int LARGEST_BATCH = 64;

    private final NodeAddress self;
    private final List<Peer> peers;
    private final Storage storage;
    private final Timings timings;
    private final RandomGenerator random;
    private final KvEvents events;
    private final KvState state;
    private final Changes changes = new Changes();
    private final Set<String> votes = new HashSet<>();

    /// In the order in which they came.
    private final Set<Task<?>> serving = new LinkedHashSet<>();

    private Role role = Role.FOLLOWER;
    private String leader = "";
    private long commitIndex;
    private long appliedIndex;
    private long electionDeadlineNanos;

    /// Of heartbeats, counted over all terms.
    private long round;

    private boolean stopped;

    /// Ends the node.
    private @Nullable UncheckedIOException storageFailure;

    /// @param self this node
    /// @param others the other nodes, each once
    /// @param storage what it remembers of an earlier life
    /// @param random decides when it stands for election
    KvNode(
            NodeAddress self,
            List<NodeAddress> others,
            Storage storage,
            Timings timings,
            RandomGenerator random,
            KvEvents events) {
        this(self, others, storage, timings, random, events, new KvState());
    }

    KvNode(
            NodeAddress self,
            List<NodeAddress> others,
            Storage storage,
            Timings timings,
            RandomGenerator random,
            KvEvents events,
            KvState state) {
        if (others.contains(self)) {
            throw new IllegalArgumentException(self + " is among its own peers: " + others);
        }
        this.self = self;
        this.peers = others.stream().map(Peer::new).toList();
        this.storage = storage;
        this.timings = timings;
        this.random = random;
        this.events = events;
        this.state = state;
    }

    /// Takes part until the task is cancelled. Suspends.
    ///
    /// @throws IOException if the address cannot be listened on; its message names the node
    /// @throws UncheckedIOException if the storage has failed, so that the node does not know what
    ///   it will remember; another one may start with what is in the storage
    void run() throws IOException {
        var server = listen();
        try {
            var group = new TaskGroup();
            group.run(() -> {
                group.createTask(this::holdElections, self.name() + " elections");
                for (var peer : peers) {
                    group.createTask(
                            () -> converse(peer), self.name() + " to " + peer.address.name());
                }
                group.createTask(this::failWithTheStorage, self.name() + " storage");
            });
        } catch (ExceptionGroup failures) {
            throw reasonOf(failures);
        } finally {
            stopped = true;
            changes.announce();
            server.close();
            server.abortClients();
            peers.forEach(peer -> peer.exchange.close());
            stopServing();
        }
    }

    /// Waits for it, too: afterwards the storage may belong to another node.
    private void stopServing() {
        var left = List.copyOf(serving);
        left.forEach(Task::cancel);
        if (!left.isEmpty()) {
            var _ = Async.waitAll(left);
        }
    }

    private Server listen() throws IOException {
        try {
            return Streams.startServer(this::serve, self.host(), self.port());
        } catch (IOException failure) {
            throw new IOException(
                    "node " + self + " cannot listen: " + failure.getMessage(), failure);
        }
    }

    /// Changes what must not be forgotten. A node whose storage fails says nothing more: it knows
    /// neither what it will remember nor, as long as it lives, whether it still leads.
    private void persist(Runnable change) {
        try {
            change.run();
        } catch (UncheckedIOException failure) {
            storageFailure = failure;
            stopped = true;
            follow("");
            throw failure;
        }
    }

    private void failWithTheStorage() {
        changes.await(() -> storageFailure != null);
        if (storageFailure != null) {
            throw storageFailure;
        }
    }

    /// {@return the failure of the storage if there is nothing else}
    private static RuntimeException reasonOf(ExceptionGroup failures) {
        return failures.split(UncheckedIOException.class).rest().isEmpty()
                        && failures.exceptions().getFirst() instanceof UncheckedIOException failure
                ? failure
                : failures;
    }

    // Elections.

    private void holdElections() {
        awaitLeader();
        while (!stopped) {
            if (role == Role.LEADER) {
                changes.await(() -> role != Role.LEADER);
                awaitLeader();
            }
            var nanos = electionDeadlineNanos - EventLoop.current().time();
            if (nanos > 0) {
                Async.sleep(Duration.ofNanos(nanos));
            } else {
                standForElection();
            }
        }
    }

    private void awaitLeader() {
        var shortest = timings.election().toNanos();
        var patience = shortest + random.nextLong(shortest);
        electionDeadlineNanos =
                EventLoop.current().time() + (Fault.chance("kv.impatient") ? 0 : patience);
    }

    private void standForElection() {
        persist(() -> storage.saveTerm(storage.term() + 1, self.name()));
        events.voted(self.name(), storage.term(), self.name());
        role = Role.CANDIDATE;
        leader = "";
        votes.clear();
        LOG.debug("{} stands for election in term {}", self.name(), storage.term());
        awaitLeader();
        countVote(self.name());
        changes.announce();
    }

    private void countVote(String voter) {
        votes.add(voter);
        if (isMajority(votes.size())) {
            lead();
        }
    }

    private boolean isMajority(int nodes) {
        return nodes > (peers.size() + 1) / 2;
    }

    private void lead() {
        role = Role.LEADER;
        leader = self.name();
        round++;
        for (var peer : peers) {
            peer.followFrom(storage.lastIndex() + 1);
        }
        LOG.debug("{} leads in term {}", self.name(), storage.term());
        events.becameLeader(self.name(), storage.term());
        append(Command.NOTHING);
    }

    private boolean leads(long term) {
        return !stopped && role == Role.LEADER && storage.term() == term;
    }

    /// A node that hears of a later term follows in it, whatever it was.
    private void observe(long term) {
        if (term > storage.term()) {
            persist(() -> storage.saveTerm(term, null));
            follow("");
        }
    }

    private void follow(String newLeader) {
        role = Role.FOLLOWER;
        leader = newLeader;
        changes.announce();
    }

    private Reply vote(Request.Vote request) {
        observe(request.term());
        var vote = storage.vote();
        var granted =
                request.term() == storage.term()
                        && (vote == null || vote.equals(request.candidate()))
                        && isComplete(request);
        if (granted) {
            persist(() -> storage.saveTerm(request.term(), request.candidate()));
            events.voted(self.name(), request.term(), request.candidate());
            awaitLeader();
        }
        return new Reply.Vote(storage.term(), granted);
    }

    /// Whether the candidate's log holds all that may be committed, as far as this one knows.
    private boolean isComplete(Request.Vote request) {
        return request.lastTerm() > storage.lastTerm()
                || (request.lastTerm() == storage.lastTerm()
                        && request.lastIndex() >= storage.lastIndex());
    }

    // To the other nodes: one coroutine each, so one request at a time.

    private void converse(Peer peer) {
        while (true) {
            awaitWorkFor(peer);
            try {
                switch (role) {
                    case FOLLOWER -> {}
                    case CANDIDATE -> askForVote(peer);
                    case LEADER -> replicateTo(peer);
                }
            } catch (IOException unreachable) {
                LOG.debug("{} has no answer: {}", self.name(), unreachable.toString());
                Async.sleep(timings.heartbeat());
            }
        }
    }

    private void awaitWorkFor(Peer peer) {
        if (role != Role.LEADER) {
            changes.await(() -> hasWorkFor(peer));
            return;
        }
        try {
            Timeout.after(timings.heartbeat()).run(() -> changes.await(() -> hasWorkFor(peer)));
        } catch (TimedOutException silent) {
            // Time for a heartbeat, if it still leads.
        }
    }

    private boolean hasWorkFor(Peer peer) {
        return switch (role) {
            case FOLLOWER -> false;
            case CANDIDATE -> peer.askedTerm < storage.term();
            case LEADER -> peer.confirmedRound < round || peer.nextIndex <= storage.lastIndex();
        };
    }

    private void askForVote(Peer peer) throws IOException {
        var term = storage.term();
        var request = new Request.Vote(term, self.name(), storage.lastIndex(), storage.lastTerm());
        if (!(call(peer, request) instanceof Reply.Vote reply)) {
            throw unexpected(peer, request);
        }
        observe(reply.term());
        peer.askedTerm = term;
        if (reply.granted() && role == Role.CANDIDATE && storage.term() == term) {
            countVote(peer.address.name());
        }
    }

    private void replicateTo(Peer peer) throws IOException {
        var term = storage.term();
        var sentRound = round;
        var previous = peer.nextIndex - 1;
        var batch = Fault.chance("kv.smallBatch") ? 1 : LARGEST_BATCH;
        var request =
                new Request.Append(
                        term,
                        self.name(),
                        previous,
                        storage.termAt(previous),
                        storage.entriesFrom(peer.nextIndex, batch),
                        commitIndex);
        if (!(call(peer, request) instanceof Reply.Append reply)) {
            throw unexpected(peer, request);
        }
        observe(reply.term());
        if (!leads(term)) {
            return;
        }
        peer.confirmedRound = sentRound;
        if (reply.matches()) {
            peer.matchesUpTo(reply.index());
            commitWhatAMajorityHas();
        } else {
            peer.differsAfter(reply.index());
        }
        changes.announce();
    }

    private Reply call(Peer peer, Request request) throws IOException {
        var reply = peer.exchange.call(request, timings.answer());
        Fault.point("kv.reply", () -> new IOException("the reply of " + peer.address + " is lost"));
        return reply;
    }

    private static IOException unexpected(Peer peer, Request request) {
        return new IOException("node " + peer.address + " has not understood " + request);
    }

    // The log.

    private long append(Command command) {
        persist(() -> storage.append(new LogEntry(storage.term(), command)));
        var index = storage.lastIndex();
        commitWhatAMajorityHas();
        changes.announce();
        return index;
    }

    private void commitWhatAMajorityHas() {
        for (var index = storage.lastIndex(); index > commitIndex; index--) {
            // An entry of an earlier term may be lost although a majority has it, so it is
            // committed only by one of this term after it (Raft's section 5.4.2).
            if (storage.termAt(index) != storage.term()) {
                return;
            }
            if (isMajority(1 + peersThatHave(index))) {
                commit(index);
                return;
            }
        }
    }

    private int peersThatHave(long index) {
        return (int) peers.stream().filter(peer -> peer.matchIndex >= index).count();
    }

    private void commit(long index) {
        commitIndex = index;
        while (appliedIndex < commitIndex) {
            var entry = storage.entry(++appliedIndex);
            state.apply(entry.command());
            events.applied(self.name(), appliedIndex, entry);
        }
        changes.announce();
    }

    private Reply append(Request.Append request) {
        observe(request.term());
        if (request.term() < storage.term()) {
            return new Reply.Append(storage.term(), false, storage.lastIndex());
        }
        follow(request.leader());
        awaitLeader();
        var previous = request.previousIndex();
        if (previous > storage.lastIndex() || storage.termAt(previous) != request.previousTerm()) {
            return new Reply.Append(
                    storage.term(), false, Math.min(storage.lastIndex(), previous - 1));
        }
        var index = previous;
        for (var entry : request.entries()) {
            take(++index, entry);
        }
        if (Math.min(request.commitIndex(), index) > commitIndex) {
            commit(Math.min(request.commitIndex(), index));
        }
        return new Reply.Append(storage.term(), true, index);
    }

    private void take(long index, LogEntry entry) {
        if (index <= storage.lastIndex() && storage.termAt(index) != entry.term()) {
            if (index <= commitIndex) {
                throw new IllegalStateException(
                        self.name()
                                + " has committed entry "
                                + index
                                + ", "
                                + storage.entry(index)
                                + ", and its leader has another one: "
                                + entry);
            }
            persist(() -> storage.truncateFrom(index));
        }
        // What comes late must not cut off what came after it.
        if (index > storage.lastIndex()) {
            persist(() -> storage.append(entry));
        }
    }

    // Clients.

    private void serve(StreamReader reader, StreamWriter writer) {
        var task = Objects.requireNonNull(Async.currentTask());
        serving.add(task);
        try {
            serveUntilStopped(reader, writer);
        } catch (UncheckedIOException failure) {
            LOG.debug("{} has failed as it served: {}", self.name(), failure.toString());
        } catch (IOException gone) {
            // A peer that leaves early or talks nonsense is no failure of this node.
            LOG.debug("{} lost a connection: {}", self.name(), gone.toString());
        } finally {
            serving.remove(task);
        }
    }

    private void serveUntilStopped(StreamReader reader, StreamWriter writer) throws IOException {
        for (var request = Wire.readRequest(reader);
                request != null;
                request = Wire.readRequest(reader)) {
            Fault.point("kv.request", () -> new IOException("a request is lost"));
            if (stopped) {
                return;
            }
            var reply = answer(request);
            Fault.point("kv.answer", () -> new IOException("an answer is lost"));
            writer.write(Wire.bytes(reply));
            writer.drain();
        }
    }

    private Reply answer(Request request) {
        return switch (request) {
            case Request.Vote vote -> vote(vote);
            case Request.Append append -> append(append);
            case Request.Execute(var command) -> execute(command);
        };
    }

    private Reply execute(Command command) {
        if (role != Role.LEADER) {
            return new Reply.Refused(leader);
        }
        try {
            return Timeout.after(timings.command())
                    .call(() ->
                            command.kind() == Command.Kind.GET ? read(command) : write(command));
        } catch (TimedOutException noMajority) {
            return new Reply.Refused("");
        }
    }

    private Reply write(Command command) {
        var term = storage.term();
        var index = append(command);
        if (!awaitCommitted(index, term)) {
            return refused();
        }
        if (state.isTooLong(command)) {
            return new Reply.Failed(
                    "the value of key "
                            + command.key()
                            + " would have more than "
                            + KvState.LONGEST_VALUE
                            + " characters");
        }
        return new Reply.Done(true, "");
    }

    /// Waits until an entry is committed, or lost to that of another leader. Suspends.
    ///
    /// @return whether it is committed
    boolean awaitCommitted(long index, long term) {
        changes.await(() -> stopped || appliedIndex >= index || isLost(index, term));
        return !stopped && !isLost(index, term);
    }

    private boolean isLost(long index, long term) {
        return storage.lastIndex() < index || storage.termAt(index) != term;
    }

    private Reply read(Command command) {
        var term = storage.term();
        // A new leader has all that is committed, but knows so only from an entry of its own term.
        changes.await(() -> !leads(term) || storage.termAt(commitIndex) == term);
        confirmLeadership(term);
        if (!leads(term)) {
            return refused();
        }
        var value = state.value(command.key());
        return new Reply.Done(value.isPresent(), value.orElse(""));
    }

    /// Waits until a majority has answered a heartbeat sent from now on, so that no other leader
    /// can have committed anything before now; or until the node does not lead any more. Suspends.
    void confirmLeadership(long term) {
        var wanted = ++round;
        changes.announce();
        changes.await(() -> !leads(term) || isConfirmed(wanted));
    }

    private boolean isConfirmed(long wanted) {
        var confirming = peers.stream().filter(peer -> peer.confirmedRound >= wanted).count();
        return isMajority(1 + (int) confirming);
    }

    private Reply refused() {
        return new Reply.Refused(leader.equals(self.name()) ? "" : leader);
    }

    @Override
    public String toString() {
        return "KvNode["
                + self.name()
                + " "
                + role
                + " term="
                + storage.term()
                + " log="
                + storage.lastIndex()
                + " committed="
                + commitIndex
                + "]";
    }
}
