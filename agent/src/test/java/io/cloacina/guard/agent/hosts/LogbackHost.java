// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** A host with a Logback of its own, as its class path and its settings make it. */
public final class LogbackHost {

    private LogbackHost() {}

    /** As {@link UrlHost}, with a line in its own log before and after. */
    public static void main(String[] arguments) throws Exception {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        org.slf4j.Logger log = LoggerFactory.getLogger(LogbackHost.class);
        log.info("before");
        UrlHost.main(arguments);
        log.info("after");
        System.out.println("LOADER " + context.getClass().getClassLoader().getName());
        for (Logger logger : context.getLoggerList()) {
            logger.iteratorForAppenders()
                    .forEachRemaining(appender -> System.out.println("APPENDER " + appender.getName()));
            if (logger.getName().startsWith("io.cloacina.guard.audit")) {
                System.out.println("LOGGER " + logger.getName());
            }
        }
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().contains("ogback") || thread.getName().contains("Async")) {
                System.out.println("THREAD " + thread.getName());
            }
        }
    }
}
