package dev.jloop.examples.inspect;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;

import dev.jloop.core.EventLoopMXBean;

import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import javax.management.InstanceNotFoundException;
import javax.management.JMX;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/// The event loops of another JVM of the same user, through its local management agent.
public final class RemoteLoops implements AutoCloseable {
    private final long pid;
    private final JMXConnector connector;
    private final MBeanServerConnection server;

    private RemoteLoops(long pid, JMXConnector connector, MBeanServerConnection server) {
        this.pid = pid;
        this.connector = connector;
        this.server = server;
    }

    /// Attaches to a JVM, and starts its management agent unless that runs already.
    ///
    /// @param pid the process id of the JVM
    /// @return a connection to be closed
    /// @throws IOException if there is no such process, it is no JVM or refuses, or it belongs to
    ///   another user; the message says which
    @SuppressWarnings("BanJNDI") // the address is the one that the JVM attached to has given
    public static RemoteLoops attach(long pid) throws IOException {
        var process =
                ProcessHandle.of(pid)
                        .orElseThrow(() -> new IOException("there is no process " + pid));
        if (process.equals(ProcessHandle.current())) {
            throw new IOException("process " + pid + " is this jloop itself; name another one");
        }
        var connector =
                JMXConnectorFactory.connect(new JMXServiceURL(startManagementAgent(process)));
        try {
            return new RemoteLoops(pid, connector, connector.getMBeanServerConnection());
        } catch (IOException failure) {
            connector.close();
            throw failure;
        }
    }

    private static String startManagementAgent(ProcessHandle process) throws IOException {
        VirtualMachine jvm;
        try {
            jvm = VirtualMachine.attach(Long.toString(process.pid()));
        } catch (AttachNotSupportedException | IOException failure) {
            throw new IOException(
                    "cannot attach to process "
                            + process.pid()
                            + ofAnotherUser(process)
                            + ", which has to be a JVM that runs and allows it: "
                            + failure.getMessage(),
                    failure);
        }
        try {
            return jvm.startLocalManagementAgent();
        } finally {
            jvm.detach();
        }
    }

    private static String ofAnotherUser(ProcessHandle process) {
        var owner = process.info().user();
        return owner.isEmpty() || owner.equals(ProcessHandle.current().info().user())
                ? ""
                : " of user " + owner.get() + " (only that user can)";
    }

    /// Asks each loop the same.
    ///
    /// @param question what to ask
    /// @param <T> the type of an answer
    /// @return the answers, without those of loops that are closed meanwhile
    /// @throws IOException if the connection breaks, or the JVM shows no loop
    public <T> List<T> ask(Function<? super EventLoopMXBean, ? extends T> question)
            throws IOException {
        var answers = new ArrayList<T>();
        for (var name : names()) {
            ask(name, question).ifPresent(answers::add);
        }
        if (answers.isEmpty()) {
            throw new IOException(
                    "process "
                            + pid
                            + " has no event loop of jloop to show: either it uses no jloop, or no"
                            + " loop has run there for longer than a moment");
        }
        return answers;
    }

    private List<ObjectName> names() throws IOException {
        try {
            return server.queryNames(new ObjectName("dev.jloop:type=EventLoop,*"), null).stream()
                    // So that 10 comes after 2.
                    .sorted(
                            Comparator.comparingInt((ObjectName name) -> name.toString().length())
                                    .thenComparing(Comparator.naturalOrder()))
                    .toList();
        } catch (MalformedObjectNameException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private <T> Optional<T> ask(
            ObjectName name, Function<? super EventLoopMXBean, ? extends T> question)
            throws IOException {
        try {
            return Optional.of(
                    question.apply(JMX.newMXBeanProxy(server, name, EventLoopMXBean.class)));
        } catch (UndeclaredThrowableException failure) {
            if (failure.getCause() instanceof InstanceNotFoundException) {
                return Optional.empty();
            }
            if (failure.getCause() instanceof IOException broken) {
                throw new IOException("the connection to process " + pid + " broke", broken);
            }
            throw failure;
        }
    }

    /// Ends the connection. The management agent stays, as the JDK has no way to stop it.
    @Override
    public void close() throws IOException {
        connector.close();
    }
}
