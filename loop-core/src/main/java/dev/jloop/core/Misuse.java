package dev.jloop.core;

/// What is said to a user who calls something at the wrong place.
final class Misuse {
    private Misuse() {}

    static IllegalStateException awaitOutsideCoroutine(LoopFuture<?> future) {
        var thread = Threads.describe(Thread.currentThread());
        var here = CurrentLoop.get();
        if (here == null) {
            return new IllegalStateException(
                    "await() was called outside any coroutine, on thread "
                            + thread
                            + ", for "
                            + future
                            + " of "
                            + future.loop()
                            + "; call it in a body given to Async.run or createTask,"
                            + " or block another thread on toCompletableFuture().join()");
        }
        if (here != future.loop()) {
            return new IllegalStateException(
                    "a coroutine of "
                            + here
                            + " awaits "
                            + future
                            + ", which belongs to "
                            + future.loop()
                            + "; hand results between loops by callSoonThreadsafe or"
                            + " toCompletableFuture()");
        }
        return new IllegalStateException(
                "await() was called in a callback of "
                        + here
                        + ", for "
                        + future
                        + "; a callback cannot suspend: use addDoneCallback, or start a coroutine"
                        + " with createTask");
    }

    static void checkNoLoopRunsHere(SelectorEventLoop toRun) {
        var running = CurrentLoop.get();
        if (running == toRun) {
            throw new IllegalStateException(
                    toRun
                            + " is already running on this thread;"
                            + " inside it use await() or createTask instead of another run");
        }
        if (running != null) {
            throw new IllegalStateException(
                    "cannot run "
                            + toRun
                            + ": "
                            + running
                            + " is running on this thread; inside it use await() or createTask, or"
                            + " run the other loop on a thread of its own");
        }
    }

    /// A loop that does not run may be used by its owner, whichever thread that is.
    static void checkThread(SelectorEventLoop loop, Execution execution, String method) {
        var caller = Thread.currentThread();
        var host = execution.hostThread();
        if (host != null && !execution.runsOn(caller)) {
            throw new WrongThreadException(
                    method
                            + " was called on thread "
                            + Threads.describe(caller)
                            + ", but "
                            + loop
                            + " runs on thread "
                            + Threads.describe(host)
                            + "; use callSoonThreadsafe, or Offload.runCoroutineThreadsafe for a"
                            + " coroutine");
        }
    }
}
