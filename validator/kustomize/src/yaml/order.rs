//! The order of keys in printed maps.

/// Whether go-yaml v2 prints key `a` before key `b` (`keyList.Less` in sorter.go): runs of digits by their number, letters after everything else.
fn less(a: &str, b: &str) -> bool {
    let shared = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    // Back to the first byte of the first different character.
    let shared = (0..=shared).rev().find(|at| a.is_char_boundary(*at) && b.is_char_boundary(*at)).unwrap_or(0);
    let (prefix, rest_a, rest_b) = (&a[..shared], &a[shared..], &b[shared..]);
    let (Some(first_a), Some(first_b)) = (rest_a.chars().next(), rest_b.chars().next()) else { return a.len() < b.len() };
    match (first_a.is_alphabetic(), first_b.is_alphabetic()) {
        (true, true) => return first_a < first_b,
        (false, false) => {}
        (_, b_is_letter) => return b_is_letter,
    }
    // Behind other digits a zero is not leading: let the number of digits count.
    let in_number = (first_a == '0' || first_b == '0') && prefix.bytes().rev().take_while(u8::is_ascii_digit).any(|digit| digit != b'0');
    let (number_a, digits_a) = leading_number(rest_a, in_number);
    let (number_b, digits_b) = leading_number(rest_b, in_number);
    if number_a != number_b {
        return number_a < number_b;
    }
    if digits_a != digits_b {
        return digits_a < digits_b;
    }
    first_a < first_b
}

fn leading_number(text: &str, in_number: bool) -> (i64, usize) {
    let digits = text.bytes().take_while(u8::is_ascii_digit);
    digits.fold((i64::from(in_number), 0), |(number, count), digit| {
        (number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')), count + 1)
    })
}

/// The indices of `keys` in the order in which go-yaml v2 prints them.
///
/// Its order is not transitive (`10` before `1a`, `1a` before `9`, `9` before `10`), so the standard library's sorts may panic on it; this
/// merge sort does not.
pub(super) fn sorted<'a>(count: usize, key: impl Fn(usize) -> &'a str) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    let before = |a: u32, b: u32| less(key(a as usize), key(b as usize));
    if order.windows(2).all(|pair| !before(pair[1], pair[0])) {
        return order;
    }
    let mut merged = Vec::with_capacity(count);
    let mut width = 1;
    while width < count {
        for chunk in order.chunks(2 * width) {
            let (mut left, mut right) = chunk.split_at(width.min(chunk.len()));
            while let (Some(a), Some(b)) = (left.first(), right.first()) {
                if before(*b, *a) {
                    merged.push(*b);
                    right = &right[1..];
                } else {
                    merged.push(*a);
                    left = &left[1..];
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut order, &mut merged);
        merged.clear();
        width *= 2;
    }
    order
}
