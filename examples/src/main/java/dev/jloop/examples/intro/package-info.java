/// Small programs that those of asyncio's introduction have as their models.
@NullMarked
package dev.jloop.examples.intro;

import org.jspecify.annotations.NullMarked;
