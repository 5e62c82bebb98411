package dev.jloop.examples.site;

import java.util.Collection;
import java.util.function.Function;

/// Puts a page together. Text is escaped; the parts named `html` are not.
final class HtmlPage {
    static final String CONTENT_TYPE = "text/html; charset=utf-8";

    private final String path;
    private final String title;
    private final StringBuilder body = new StringBuilder();

    HtmlPage(String path, String title) {
        this.path = path;
        this.title = title;
    }

    HtmlPage heading(String text) {
        body.append("<h2>").append(escape(text)).append("</h2>\n");
        return this;
    }

    HtmlPage paragraph(String html) {
        body.append("<p>").append(html).append("</p>\n");
        return this;
    }

    <T> HtmlPage list(Collection<T> items, Function<? super T, String> html) {
        body.append("<ul>\n");
        for (var item : items) {
            body.append("<li>").append(html.apply(item)).append("</li>\n");
        }
        body.append("</ul>\n");
        return this;
    }

    Page toPage() {
        return new Page(
                path,
                """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <title>%1$s</title>
                <style>body { font-family: sans-serif; max-width: 48em; margin: 2em auto; }</style>
                </head>
                <body>
                <h1>%1$s</h1>
                %2$s<hr>
                <p><a href="/">Front page</a></p>
                </body>
                </html>
                """
                        .formatted(escape(title), body));
    }

    static String link(String path, String text) {
        return "<a href=\"" + escape(path) + "\">" + escape(text) + "</a>";
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
