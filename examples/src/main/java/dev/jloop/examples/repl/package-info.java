/// What `jloop repl` offers to the snippets typed into it.
@NullMarked
package dev.jloop.examples.repl;

import org.jspecify.annotations.NullMarked;
