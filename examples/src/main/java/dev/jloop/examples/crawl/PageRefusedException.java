package dev.jloop.examples.crawl;

import java.io.IOException;

/// The server answered, but not with the page.
final class PageRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    PageRefusedException(String message) {
        super(message);
    }
}
