package dev.jloop.examples.http.server;

/// Answers requests.
@FunctionalInterface
public interface HttpHandler {
    /// Answers one request. Runs in the task of its connection, and so may await.
    ///
    /// @param request the request
    /// @return the answer, which the server closes; it leaves the body out where the request was a
    ///   `HEAD`
    /// @throws Exception to answer with status 500; it is reported to the loop's exception handler
    ///   too
    Answer handle(Request request) throws Exception;
}
