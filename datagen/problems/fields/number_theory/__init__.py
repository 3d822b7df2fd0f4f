"""Number theory: divisors, primes, congruences, orders, Diophantine equations, digits."""
