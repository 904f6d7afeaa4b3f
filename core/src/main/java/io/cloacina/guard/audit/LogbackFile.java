// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.event.BodyEvent;
import ch.qos.logback.core.joran.event.EndEvent;
import ch.qos.logback.core.joran.event.SaxEvent;
import ch.qos.logback.core.joran.event.SaxEventRecorder;
import ch.qos.logback.core.joran.event.StartEvent;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.model.Model;
import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.internal.text.KeyText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParser;
import javax.xml.parsers.SAXParserFactory;
import org.jspecify.annotations.Nullable;
import org.xml.sax.Attributes;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * The file that configures Logback for a {@link LogbackSink}, as it was when it was read.
 *
 * <p>It may name appenders, loggers and what these need. What would change the JVM (shutdown hooks, listeners that set
 * levels of {@code java.util.logging}, system properties), read other files, or replace the configuration later is
 * refused: the JVM is the host's.
 */
final class LogbackFile {

    /** Shorter words may stand in any sentence. */
    private static final int SHORTEST_SIGN = 8;

    private static final int MOST_BYTES = 1 << 20;

    private static final Set<String> AT_TOP = Set.of(
            "appender",
            "root",
            "logger",
            "property",
            "variable",
            "timestamp",
            "define",
            "import",
            "conversionRule",
            "contextName",
            "evaluator",
            "turboFilter",
            "condition",
            "if",
            "then",
            "else");

    private static final Set<String> TRANSPARENT = Set.of("configuration", "if", "then", "else");
    private static final Set<String> PROPERTY = Set.of("property", "variable", "substitutionProperty");

    private final Path file;
    private final byte[] content;

    private LogbackFile(Path file, byte[] content) {
        this.file = file;
        this.content = content;
    }

    /**
     * Reads and checks it, and starts nothing.
     *
     * @throws SinkConfigurationException if it cannot be read or holds what it may not
     */
    static LogbackFile read(Path file) throws SinkConfigurationException {
        byte[] content;
        try {
            content = GivenFile.read(file, MOST_BYTES);
        } catch (NoSuchFileException e) {
            throw new SinkConfigurationException("there is no Logback file [" + file + "]", e);
        } catch (IOException e) {
            throw new SinkConfigurationException("the Logback file [" + file + "] cannot be read: " + e, e);
        }
        LogbackFile read = new LogbackFile(file, content);
        if (content.length > MOST_BYTES) {
            throw read.malformed("it is larger than 1 MiB", null);
        }
        read.check(read.events(new LoggerContext()));
        return read;
    }

    /**
     * Starts the appenders that the file names.
     *
     * @throws SinkConfigurationException if Logback finds anything wrong with it
     */
    LoggerContext start(LogbackStatuses statuses) throws SinkConfigurationException {
        LoggerContext context = new LoggerContext();
        context.setName("cloacina-guard");
        context.setStatusManager(statuses);
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        List<SaxEvent> events = events(context);
        try {
            Model model = configurator.buildModelFromSaxEventList(events);
            if (model != null) {
                configurator.processModel(model);
            }
            new LogbackAppenders(context).prepare(statuses);
            String problems = statuses.take();
            if (problems != null) {
                throw malformed(place(problems, events) + problems, null);
            }
        } catch (JoranException | RuntimeException e) {
            context.stop();
            throw malformed(KeyText.shown(e.toString()), e);
        } catch (SinkConfigurationException e) {
            context.stop();
            throw e;
        }
        statuses.started();
        return context;
    }

    private SinkConfigurationException malformed(String why, @Nullable Exception cause) {
        return new SinkConfigurationException("the Logback file [" + file + "]: " + why, cause);
    }

    private SinkConfigurationException malformed(SaxEvent at, String why) {
        return malformed("line " + at.getLocator().getLineNumber() + ": " + why, null);
    }

    /** Logback says seldom where it is that it speaks of: the element of which it repeats something first. */
    private static String place(String problem, List<SaxEvent> events) {
        int first = problem.length();
        String place = "";
        for (SaxEvent event : events) {
            int found = problem.length();
            if (event instanceof BodyEvent body) {
                found = repeated(body.getText().strip(), problem);
            } else if (event instanceof StartEvent start) {
                found = repeated(start.getLocalName(), problem);
                for (int i = 0; i < start.getAttributes().getLength(); i++) {
                    found = Math.min(found, repeated(start.getAttributes().getValue(i), problem));
                }
            }
            if (found < first) {
                first = found;
                place = "line " + event.getLocator().getLineNumber() + ": ";
            }
        }
        return place;
    }

    /** Where {@code text} stands in brackets, or is too long to stand there by chance; the end if nowhere. */
    private static int repeated(String text, String problem) {
        int at = problem.indexOf("[" + text + "]");
        if (at < 0) {
            at = problem.indexOf("<" + text + ">");
        }
        if (at < 0 && text.length() >= SHORTEST_SIGN) {
            at = problem.indexOf(text);
        }
        return at < 0 ? problem.length() : at;
    }

    /** By the JDK's parser, not by one that the application names. */
    private List<SaxEvent> events(LoggerContext context) throws SinkConfigurationException {
        SaxEventRecorder recorder = new SaxEventRecorder(context);
        try {
            SAXParserFactory factory = SAXParserFactory.newDefaultInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setNamespaceAware(true);
            SAXParser parser = factory.newSAXParser();
            parser.parse(new InputSource(new ByteArrayInputStream(content)), recorder);
        } catch (SAXParseException e) {
            throw malformed("line " + e.getLineNumber() + ": not XML: " + KeyText.shown(e.getMessage()), e);
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw malformed("it cannot be parsed: " + e, e);
        }
        return recorder.getSaxEventList();
    }

    private void check(List<SaxEvent> events) throws SinkConfigurationException {
        Deque<String> within = new ArrayDeque<>();
        for (SaxEvent event : events) {
            if (event instanceof StartEvent start) {
                checkElement(start, within);
                within.push(start.getLocalName());
            } else if (event instanceof EndEvent) {
                within.pop();
            } else if (event instanceof BodyEvent body
                    && "append".equals(within.peek())
                    && body.getText().strip().equalsIgnoreCase("false")) {
                throw malformed(event, "an audit log is appended to: <append> must not be false");
            }
        }
    }

    private void checkElement(StartEvent start, Deque<String> within) throws SinkConfigurationException {
        String name = start.getLocalName();
        Attributes attributes = start.getAttributes();
        if (within.isEmpty()) {
            if (!name.equals("configuration")) {
                throw malformed(start, "<" + name + "> stands where <configuration> is wanted");
            }
            requireNot(start, attributes, "scan");
            requireNot(start, attributes, "debug");
        } else if (isTop(within) && !AT_TOP.contains(name)) {
            throw malformed(
                    start,
                    "<" + name + "> is not for the Logback of an audit log, which takes appender, root, logger,"
                            + " property and what these need");
        }
        if ("system".equalsIgnoreCase(attributes.getValue("scope"))) {
            throw malformed(start, "<" + name + " scope=\"system\"> would set a system property of the host");
        }
        if (PROPERTY.contains(name)
                && (attributes.getValue("file") != null || attributes.getValue("resource") != null)) {
            throw malformed(start, "<" + name + "> reads another file; give name and value");
        }
    }

    private void requireNot(StartEvent start, Attributes attributes, String name) throws SinkConfigurationException {
        String value = attributes.getValue(name);
        if (value != null && !value.equalsIgnoreCase("false")) {
            throw malformed(start, "the attribute [" + name + "] must be false or left out");
        }
    }

    private static boolean isTop(Deque<String> within) {
        for (String name : within) {
            if (!TRANSPARENT.contains(name)) {
                return false;
            }
        }
        return true;
    }
}
