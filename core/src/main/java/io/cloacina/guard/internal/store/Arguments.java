// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.time.Instant;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.statement.TemplateEngine;

/** Teaches JDBI to read this package's SQL, and to bind ids and times as {@link Codecs} writes them. */
final class Arguments {

    private Arguments() {}

    static Jdbi register(Jdbi jdbi, Codecs codecs) {
        jdbi.setSqlParser(new NamedParameters()).setTemplateEngine(TemplateEngine.NOP);
        return jdbi.registerArgument(new UuidArguments(codecs)).registerArgument(new InstantArguments(codecs));
    }

    private static final class UuidArguments extends AbstractArgumentFactory<UUID> {

        private final Codecs codecs;

        UuidArguments(Codecs codecs) {
            super(codecs.uuidType());
            this.codecs = codecs;
        }

        @Override
        protected Argument build(UUID value, ConfigRegistry config) {
            return (position, statement, context) -> codecs.write(statement, position, value);
        }
    }

    private static final class InstantArguments extends AbstractArgumentFactory<Instant> {

        private final Codecs codecs;

        InstantArguments(Codecs codecs) {
            super(codecs.instantType());
            this.codecs = codecs;
        }

        @Override
        protected Argument build(Instant value, ConfigRegistry config) {
            return (position, statement, context) -> codecs.write(statement, position, value);
        }
    }
}
