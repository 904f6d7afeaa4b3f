// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.internal.store.StoreUrl;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which trust store, for which organisation, and how it is used: what has to be known before keys, trust and signatures
 * can be.
 *
 * <pre>{@code
 * SecurityConfig config = SecurityConfig.builder()
 *         .store("postgres://signer:secret@db.example.org/trust")
 *         .organisation(UUID.fromString("6f1c1c5e-0b53-4f6e-9d36-0a4ea7a5f3c1"))
 *         .keyEncryptionKeyFile(Path.of("kek"))
 *         .build();
 * }</pre>
 *
 * <p>Immutable, but for a key encryption key that its owner closes. Nothing is opened or read before
 * {@link PackageSecurity#open} or {@link PackageSecurity#create}. Verification offline needs none of this: see
 * {@link Verification#offline(Path)}.
 */
public final class SecurityConfig {

    final StoreUrl store;
    final UUID organisation;
    final KekInput kek;
    final Duration verificationTimeout;
    final Duration changeTimeout;
    final int connections;
    final @Nullable AuditLog auditLog;
    final Clock clock;

    private SecurityConfig(Builder from) {
        this.store = Objects.requireNonNull(from.store, "a trust store is needed: store(...)");
        this.organisation = Objects.requireNonNull(from.organisation, "an organisation is needed: organisation(...)");
        this.kek = from.kek;
        this.verificationTimeout = from.verificationTimeout;
        this.changeTimeout = from.changeTimeout;
        this.connections = from.connections;
        this.auditLog = from.auditLog;
        this.clock = from.clock;
    }

    /** With neither a store nor an organisation yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** Store and organisation; no secret. */
    @Override
    public String toString() {
        return "SecurityConfig[" + store + ", organisation " + organisation + "]";
    }

    /** Gathers a {@link SecurityConfig}. For one thread. */
    public static final class Builder {

        private @Nullable StoreUrl store;
        private @Nullable UUID organisation;
        private KekInput kek = KekInput.NONE;
        private Duration verificationTimeout = Duration.ofSeconds(10);
        private Duration changeTimeout = Duration.ofSeconds(30);
        private int connections = 1;
        private @Nullable AuditLog auditLog;
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /**
         * The trust store: {@code jdbc:sqlite:PATH}, {@code sqlite://PATH}, {@code jdbc:postgresql:…},
         * {@code postgres://user:password@host:port/database} or {@code postgresql://…}. The driver is the
         * application's: {@code org.postgresql:postgresql} or {@code org.xerial:sqlite-jdbc}.
         *
         * @throws IllegalArgumentException if it is none of the forms; the message repeats no password
         */
        public Builder store(String url) {
            store = StoreUrl.parse(url);
            return this;
        }

        /** The trust store in an SQLite file. */
        public Builder store(Path file) {
            store = StoreUrl.ofFile(file);
            return this;
        }

        /** Whose keys and whose trust: any UUID that is the same for all who share them. */
        public Builder organisation(UUID id) {
            organisation = Objects.requireNonNull(id);
            return this;
        }

        /**
         * The key under which private keys are sealed in the store; needed to make, import, export and use signing keys,
         * and never to verify.
         *
         * @param key stays the caller's, who closes it after the last use
         */
        public Builder keyEncryptionKey(Kek key) {
            kek = KekInput.given(key);
            return this;
        }

        /** As {@link #keyEncryptionKey}, from a file: 32 bytes, base64 or 64 hexadecimal digits. Read with each use. */
        public Builder keyEncryptionKeyFile(Path file) {
            kek = KekInput.file(file);
            return this;
        }

        /** As {@link #keyEncryptionKey}, from the variable {@code CLOACINA_KEY_ENCRYPTION_KEY}. */
        public Builder keyEncryptionKeyFromEnvironment() {
            kek = KekInput.environment(System.getenv());
            return this;
        }

        /**
         * Bounds every wait for the store; 10 s for verification and 30 s for changes, which may wait for each other, if
         * it is not given.
         *
         * @param limit above zero
         */
        public Builder timeout(Duration limit) {
            if (limit.isNegative() || limit.isZero()) {
                throw new IllegalArgumentException("a timeout is above zero, not [" + limit + "]");
            }
            verificationTimeout = limit;
            changeTimeout = limit;
            return this;
        }

        /**
         * How many verifications may ask a PostgreSQL server at a time.
         *
         * @param most 1 to 8; 1 if it is not given
         */
        public Builder connections(int most) {
            if (most < 1 || most > 8) {
                throw new IllegalArgumentException("not a number from 1 to 8: [" + most + "]");
            }
            connections = most;
            return this;
        }

        /**
         * Gets an event of every operation. Without, there are no events.
         *
         * @param log stays the caller's, who closes it last
         */
        public Builder audit(AuditLog log) {
            auditLog = Objects.requireNonNull(log);
            return this;
        }

        /** The time by which rows and signatures are dated; that of the system if it is not given. */
        public Builder clock(Clock time) {
            clock = Objects.requireNonNull(time);
            return this;
        }

        /** @throws NullPointerException if there is no store or no organisation; the message says which */
        public SecurityConfig build() {
            return new SecurityConfig(this);
        }

        /** {@link PackageSecurity#open} with what was gathered. */
        public PackageSecurity open() {
            return PackageSecurity.open(build());
        }

        /**
         * {@link PackageSecurity#create} with what was gathered.
         *
         * @throws GuardException as that does
         */
        public PackageSecurity create() throws GuardException {
            return PackageSecurity.create(build());
        }
    }
}
