package dev.jloop.examples.site;

import dev.jloop.examples.http.server.Answer;
import dev.jloop.examples.http.server.HttpHandler;
import dev.jloop.examples.http.server.Request;

import java.io.IOException;

/// Sends back what is posted to `/echo`, piece by piece, and lets a site be read.
///
/// @param site answers `GET` and `HEAD`
record EchoOrRead(HttpHandler site) implements HttpHandler {
    private static final String ECHO = "/echo";

    @Override
    public Answer handle(Request request) throws Exception {
        boolean echo = request.path().equals(ECHO);
        return switch (request.method()) {
            case "GET", "HEAD" -> site.handle(request);
            case "POST", "PUT" -> echo ? echo(request) : notAllowed("GET, HEAD");
            default -> notAllowed(echo ? "GET, HEAD, POST, PUT" : "GET, HEAD");
        };
    }

    private static Answer echo(Request request) throws IOException {
        request.awaitBody();
        var type = request.header("Content-Type").orElse("application/octet-stream");
        return Answer.stream(200, type, request::readBody);
    }

    private static Answer notAllowed(String allowed) {
        return Answer.text(405, "what is allowed here: " + allowed).withHeader("Allow", allowed);
    }
}
