// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.example;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/** An application that logs by Logback and uses core: says what its Logback is after core has worked. */
public final class EmbeddingHost {

    private EmbeddingHost() {}

    /** {@code DIRECTORY}, for the store. */
    public static void main(String[] arguments) throws Exception {
        org.slf4j.Logger own = LoggerFactory.getLogger(EmbeddingHost.class);
        own.info("before");
        StoreUrl url = StoreUrl.ofFile(Path.of(arguments[0], "trust.db"));
        JdbiStore.create(url, Duration.ofSeconds(20), Clock.systemUTC()).close();
        own.info("after");
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        for (Logger logger : context.getLoggerList()) {
            Level level = logger.getLevel();
            if (level != null) {
                System.out.println("LEVEL " + logger.getName() + " " + level);
            }
            logger.iteratorForAppenders()
                    .forEachRemaining(
                            appender -> System.out.println("APPENDER " + logger.getName() + " " + appender.getName()));
        }
        System.out.println("JUL " + java.util.logging.Logger.getLogger("").getLevel());
    }
}
