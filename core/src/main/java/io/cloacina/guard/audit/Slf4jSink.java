// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Logs events by SLF4J 2, for an application that has a logging backend: the message is the event's type, each field a
 * key-value pair ({@code String}, {@code Long}, {@code Boolean} or null; an object or a list as its JSON text), the
 * level ERROR, WARN, INFO or DEBUG by the severity.
 *
 * <p>SLF4J does not say whether the backend has written what it was given, so an event counts as recorded when the
 * backend has returned. What the backend throws is a failure of the sink. It is called by the thread that writes
 * events, not by the one that caused them: the MDC is empty.
 */
public final class Slf4jSink implements AuditSink {

    private static final int ERROR = 3;
    private static final int WARNING = 4;
    private static final int INFORMATIONAL = 6;

    private static final JsonFactory JSON = new JsonFactory();

    private final Logger logger;

    /** @param logger for all events */
    public Slf4jSink(Logger logger) {
        this.logger = Objects.requireNonNull(logger);
    }

    @Override
    public void write(EncodedEvent event) throws IOException {
        LoggingEventBuilder builder = logger.atLevel(level(event.severity()));
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), event.line())) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                builder = builder.addKeyValue(name, value(parser, event.line()));
            }
        } catch (JacksonException e) {
            throw new IOException("the event is no JSON object", e);
        }
        builder.log(event.type());
    }

    private static @Nullable Object value(JsonParser parser, byte[] line) {
        return switch (parser.currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case START_OBJECT, START_ARRAY -> {
                int from = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                int to = (int) parser.currentLocation().getByteOffset();
                yield new String(line, from, to - from, StandardCharsets.US_ASCII);
            }
            default -> parser.getString();
        };
    }

    private static Level level(int severity) {
        if (severity <= ERROR) {
            return Level.ERROR;
        }
        return severity == WARNING ? Level.WARN : severity <= INFORMATIONAL ? Level.INFO : Level.DEBUG;
    }

    @Override
    public String name() {
        return "slf4j:" + logger.getName();
    }

    /** The logger is the application's, and is left as it is. */
    @Override
    public void close() {}
}
