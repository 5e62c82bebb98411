package dev.jloop.examples.http;

/// Answers requests.
@FunctionalInterface
public interface HttpHandler {
    /// Answers one request. Runs in the task of its connection, and so may await.
    ///
    /// @param request the request, whose method is `GET` or `HEAD`
    /// @return the answer; the server leaves its body out where the request was `HEAD`
    /// @throws Exception to answer with status 500; it is reported to the loop's exception handler
    ///   too
    HttpResponse handle(HttpRequest request) throws Exception;
}
