// SPDX-License-Identifier: Apache-2.0
/**
 * From an audit log of loads to what has to be done: what would be refused, why, and what would make each acceptable.
 *
 * <p>{@link io.cloacina.guard.internal.report.EventReader} reads lines, {@link io.cloacina.guard.internal.report.ReportBuilder} gathers
 * them with bounded memory into a {@link io.cloacina.guard.internal.report.Report}, {@link io.cloacina.guard.internal.report.Remedy}
 * knows the command for each {@link io.cloacina.guard.internal.report.Finding}, and {@link io.cloacina.guard.internal.report.HtmlReport}
 * makes one page of it. Everything in a line is taken for hostile: it may have been written by the one that named the
 * file.
 *
 * <p>Knows the events' format, and of the guard only how {@code audit} shows text from outside: a report can be made
 * where there is neither store nor agent.
 */
@NullMarked
package io.cloacina.guard.internal.report;

import org.jspecify.annotations.NullMarked;
