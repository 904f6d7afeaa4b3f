package io.cloacina.guard;

import io.cloacina.guard.LoadedPackages.Loaded;
import io.cloacina.guard.LoadedPackages.Loss;
import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.store.JdbiStore;
import io.cloacina.guard.trust.TrustStore;
import java.time.Clock;
import java.util.UUID;

/**
 * What runs because its signer was trusted, and the watch over that trust. Neither is made, nor any class of theirs
 * loaded, before the first such package.
 */
final class Running {

    private final GuardConfig config;
    private final Clock clock;
    private final AuditLog audit;
    private final TrustStore trust;
    private final JdbiStore store;
    private volatile LoadedPackages packages;
    private RevocationWatch watch;
    private boolean stopped;

    /**
     * @param trust who is trusted
     * @param store where that is changed; null if it is fixed, so that there is nothing to watch
     */
    Running(GuardConfig config, Clock clock, AuditLog audit, TrustStore trust, JdbiStore store) {
        this.config = config;
        this.clock = clock;
        this.audit = audit;
        this.trust = trust;
        this.store = store;
    }

    /** @param trustedBy the organisation that trusts the signer directly; null if a configured key file does */
    void loaded(Load load, Admission.Allowed allowed, UUID trustedBy) {
        LoadedPackages known = packages;
        if (known == null) {
            known = begin();
        }
        known.add(
                load.packagePath(),
                allowed.packageHash(),
                allowed.signer(),
                load.kind().word(),
                trustedBy,
                clock.instant());
    }

    private synchronized LoadedPackages begin() {
        if (packages == null) {
            LoadedPackages made = new LoadedPackages();
            if (store != null
                    && config.orgId() != null
                    && !config.revocationPoll().isZero()
                    && !stopped) {
                watch = new RevocationWatch(
                        trust, store, config.orgId(), config.revocationPoll(), made, new Telling(config, audit));
                watch.start();
            }
            packages = made;
        }
        return packages;
    }

    /** Null if there was no such package yet. */
    LoadedPackages packages() {
        return packages;
    }

    /** From when this returns nothing more is recorded from here. */
    void stop() {
        RevocationWatch open;
        synchronized (this) {
            stopped = true;
            open = watch;
        }
        if (open != null) {
            open.stop();
        }
    }

    /** Records what the watch has to tell. */
    private static final class Telling implements RevocationWatch.Listener {
        private final GuardConfig config;
        private final AuditLog audit;

        Telling(GuardConfig config, AuditLog audit) {
            this.config = config;
            this.audit = audit;
        }

        @Override
        public void trustLost(Loaded loaded, Loss loss) throws AuditFailedException {
            audit.record(AuditEvent.of("package.revoked.loaded", config.orgId())
                    .with("package_path", loaded.path)
                    .with("package_hash", loaded.hash)
                    .with("signer_fingerprint", loaded.signer)
                    .with("kind", loaded.kind)
                    .with("loaded_at", loaded.first)
                    .with("last_loaded_at", loaded.last)
                    .with("loads", loaded.times)
                    .with("reason", loss.how)
                    .with("revoked_by", loss.by)
                    .with("revoked_at", loss.at)
                    .with("error", loss.why));
        }

        @Override
        public void blind(String why) {
            degraded("revocations are not noticed in this JVM until the trust store can be watched again", why);
        }

        @Override
        public void watching() {
            degraded("revocations are noticed again", null);
        }

        private void degraded(String what, String why) {
            try {
                audit.record(AuditEvent.of("guard.degraded", config.orgId())
                        .with("what", what)
                        .with("why", why));
            } catch (AuditFailedException e) {
                // Where events go is what has failed, and the next load will tell; the watch goes on.
                return;
            }
        }
    }
}
