package dev.jloop.examples.intro;

import dev.jloop.core.Task;
import dev.jloop.core.TaskGroup;
import dev.jloop.examples.http.HttpClient;
import dev.jloop.examples.http.HttpLimits;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/// Fetches several pages at once: a task for each, in a group that ends with the last of them.
public final class ConcurrentFetch {
    private ConcurrentFetch() {}

    /// A page that was fetched.
    ///
    /// @param address of the page
    /// @param status the status code, such as 200
    /// @param bytes how long the page is
    public record Page(URI address, int status, int bytes) {}

    /// Fetches them. Suspends for as long as the slowest one takes.
    ///
    /// @param addresses of the pages
    /// @return the pages, in the order of their addresses
    /// @throws dev.jloop.core.ExceptionGroup if one of them cannot be fetched, with its
    ///   [IOException]. The others are cancelled then, as all are where the caller is, and have
    ///   ended when this returns
    public static List<Page> fetchAll(List<URI> addresses) {
        var group = new TaskGroup();
        var tasks = new ArrayList<Task<Page>>();
        group.run(() -> {
            for (var address : addresses) {
                tasks.add(group.createTask(() -> fetch(address), "fetch " + address));
            }
        });
        return tasks.stream().map(Task::result).toList();
    }

    private static Page fetch(URI address) throws IOException {
        var response = new HttpClient(HttpLimits.DEFAULTS).get(address);
        return new Page(address, response.status(), response.body().length);
    }
}
