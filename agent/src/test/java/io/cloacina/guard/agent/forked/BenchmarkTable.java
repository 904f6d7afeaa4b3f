// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.WatchingAgent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Predicate;

/** The rows that {@link Benchmarks} prints, and how one is made: what is compared, in turns, and the median of all. */
final class BenchmarkTable {

    final int turns;
    final List<Jdk> jdks = Jdks.all();
    private final BenchmarkJvms jvms;
    private final Predicate<String> wanted;
    private final TreeMap<Integer, String[]> rows = new TreeMap<>();

    BenchmarkTable(BenchmarkJvms jvms, int turns, Predicate<String> wanted) {
        this.jvms = jvms;
        this.turns = turns;
        this.wanted = wanted;
    }

    boolean wants(String name) {
        return wanted.test(name);
    }

    /** One measurement, in milliseconds or whatever unit. */
    interface Sample {
        double take() throws Exception;
    }

    interface Measurement {
        String on(Jdk jdk) throws Exception;
    }

    interface Shown {
        String text(double baseline, double guarded);
    }

    String compare(Sample baseline, Sample guarded, Shown shown) throws Exception {
        double[][] taken = take(baseline, guarded);
        return shown.text(median(taken[0]), median(taken[1]));
    }

    /** With the processor time of the whole JVMs, and with what {@link WatchingAgent} costs beside it. */
    String compareAll(Sample baseline, Sample guarded, Sample watching, Shown shown) throws Exception {
        double[][] cpu = new double[3][turns];
        double[][] taken = take(cpu, baseline, guarded, watching);
        return shown.text(median(taken[0]), median(taken[1])) + "; processor time of the whole JVM "
                + times(median(cpu[0]), median(cpu[1])) + "; one transformer that does nothing: "
                + shown.text(median(taken[0]), median(taken[2])) + ", processor time "
                + times(median(cpu[0]), median(cpu[2]));
    }

    double compareValues(Sample baseline, Sample guarded, DoubleBinaryOperator operator) throws Exception {
        double[][] taken = take(baseline, guarded);
        return operator.applyAsDouble(median(taken[0]), median(taken[1]));
    }

    double[][] take(Sample... samples) throws Exception {
        return take(new double[samples.length][turns], samples);
    }

    /** @param cpu gets the processor time of each JVM, in milliseconds */
    double[][] take(double[][] cpu, Sample... samples) throws Exception {
        double[][] taken = new double[samples.length][turns];
        for (int turn = -1; turn < turns; turn++) {
            for (int i = 0; i < samples.length; i++) {
                double one = samples[i].take();
                if (turn >= 0) {
                    taken[i][turn] = one;
                    cpu[i][turn] = jvms.cpuMillis;
                }
            }
        }
        return taken;
    }

    static String times(double baseline, double guarded) {
        return String.format(Locale.ROOT, "%.2f (%.0f / %.0f ms)", guarded / baseline, guarded, baseline);
    }

    static String more(double baseline, double guarded) {
        return String.format(Locale.ROOT, "%.2f ms (%.2f / %.2f ms)", guarded - baseline, guarded, baseline);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    void measure(int row, String name, String target, Measurement measurement) throws Exception {
        if (!wants(name)) {
            return;
        }
        String[] cells = new String[2 + jdks.size()];
        cells[0] = name;
        cells[1] = target;
        for (int i = 0; i < jdks.size(); i++) {
            cells[2 + i] = measurement.on(jdks.get(i));
            System.out.println(name + ", " + jdks.get(i) + ": " + cells[2 + i]);
        }
        rows.put(row, cells);
    }

    void print() {
        BinaryOperator<String> join = (one, other) -> one + " | " + other;
        StringBuilder head = new StringBuilder("\n| measure | target |");
        StringBuilder rule = new StringBuilder("|---|---|");
        for (Jdk jdk : jdks) {
            head.append(" Java ").append(jdk.feature()).append(" |");
            rule.append("---|");
        }
        System.out.println(head + "\n" + rule);
        for (String[] cells : rows.values()) {
            System.out.println("| " + Arrays.stream(cells).reduce(join).orElseThrow() + " |");
        }
    }
}
