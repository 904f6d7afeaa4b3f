// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.instruments;

import io.cloacina.guard.agent.bootstrap.GuardBean;
import io.cloacina.guard.agent.bootstrap.GuardThread;
import io.cloacina.guard.agent.jdk.BootModule;
import io.cloacina.guard.internal.decision.Guard;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/**
 * Shows the guard in the JVM's own instruments once the application uses them; until then neither this class nor any of
 * theirs is loaded. What fails here is recorded and keeps nothing else from its work.
 */
public final class Instruments {

    /** Loaded when the JVM's flight recorder is started, by whatever means. */
    public static final String FLIGHT_RECORDER = "jdk/jfr/internal/PlatformRecorder";

    /** Loaded when the first bean server is asked for; many applications use the platform's beans without one. */
    public static final String BEAN_SERVERS = "javax/management/MBeanServerFactory";

    private static final String BEAN = "io.cloacina.guard:type=Guard";
    private static final String OF_THE_PLATFORM = "java.lang:type=Runtime";
    private static final long FIRST_PAUSE_MILLIS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;

    private Instruments() {}

    private interface Work {
        void run() throws Exception;
    }

    /** Called while the recorder is being started, so decisions are seen from its first moment. */
    public static void showInFlightRecorder(Guard guard) {
        FlightEvents events = new FlightEvents();
        guard.observe(events);
        inBackground(guard, "the flight recorder does not show the guard's decisions", events::register);
    }

    /** Called while some bean server, and not yet known which, is being made. */
    public static void showAsBean(Guard guard) {
        inBackground(guard, "there is no management bean of the guard", () -> registerBean(guard));
    }

    private static void inBackground(Guard guard, String otherwise, Work work) {
        Runnable all = () -> {
            try {
                work.run();
            } catch (Exception | LinkageError e) {
                guard.degraded(otherwise, e.toString());
            }
        };
        new GuardThread(all, "cloacina-guard-instruments", 0).start();
    }

    /**
     * Waits until the application has made the platform's bean server, and puts the bean there. It is not made for the
     * guard's sake: some applications choose its kind by a property that they set late.
     */
    private static void registerBean(Guard guard)
            throws JMException, IOException, ReflectiveOperationException, InterruptedException {
        ObjectName platform = new ObjectName(OF_THE_PLATFORM);
        CountDownLatch never = new CountDownLatch(1);
        for (long pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
            for (MBeanServer server : MBeanServerFactory.findMBeanServer(null)) {
                if (server.isRegistered(platform)) {
                    BootModule.defineBean();
                    BeanValues values = new BeanValues(guard);
                    server.registerMBean(
                            new GuardBean(values.info(GuardBean.class.getName()), values), new ObjectName(BEAN));
                    return;
                }
            }
            if (never.await(pause, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }
}
