// SPDX-License-Identifier: Apache-2.0
//
// Rust names in a namespace, a trait, a closure; one function inlined into another.

mod shop {
    pub trait Price {
        fn price(&self) -> u64;
    }

    pub struct Tea(pub u64);

    impl Price for Tea {
        #[inline(never)]
        fn price(&self) -> u64 {
            (0..self.0).map(|gram| twice(gram)).collect::<Vec<u64>>().len() as u64
        }
    }

    #[inline(always)]
    fn twice(gram: u64) -> u64 {
        std::hint::black_box(gram) * 2
    }

    #[inline(never)]
    pub fn total<T: Price>(items: &[T]) -> u64 {
        items.iter().map(|item| item.price()).sum()
    }
}

fn main() {
    let count = std::env::args().count() as u64;
    println!("{}", shop::total(&[shop::Tea(3), shop::Tea(count)]));
}
