//! The figures as a picture.

use super::{
    figures::{Figures, median},
    peers::{PEERS, SINKS},
};
use plotters::prelude::*;
use std::path::Path;

/// A bar for each library and sink: the caller's median, with a line from the least to the most, on a logarithmic scale.
pub(crate) fn callers(all: &[Vec<Vec<Figures>>], path: &Path) -> Result<(), String> {
    draw(all, path).map_err(|error| format!("{}: {error}", path.display()))
}

fn draw(all: &[Vec<Vec<Figures>>], path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let rows = PEERS.len() * SINKS.len();
    let area = SVGBackend::new(path, (900, 60 + 34 * rows as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    let most = all
        .iter()
        .flatten()
        .flatten()
        .map(|one| one.median)
        .fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(&area)
        .margin(10)
        .x_label_area_size(40)
        .build_cartesian_2d((10.0..most * 30.0).log_scale(), 0.0..rows as f64)?;
    chart
        .configure_mesh()
        .disable_y_axis()
        .disable_y_mesh()
        .x_desc("nanoseconds of the caller for one record, median of all rounds; the line goes from the least to the most")
        .x_label_formatter(&|at| format!("{at:.0}"))
        .draw()?;
    for (sink, figures) in all.iter().enumerate() {
        for (peer, own) in figures.iter().enumerate() {
            let (middle, low, high) = median(own.iter().map(|one| one.median));
            let row = (rows - 1 - peer * SINKS.len() - sink) as f64;
            let color = if peer == 0 {
                RGBColor(30, 110, 190)
            } else {
                RGBColor(150, 160, 175)
            };
            chart.draw_series([Rectangle::new(
                [(10.0, row + 0.15), (middle, row + 0.85)],
                color.mix(if sink == 0 { 1.0 } else { 0.65 }).filled(),
            )])?;
            chart.draw_series([PathElement::new(
                [(low, row + 0.5), (high, row + 0.5)],
                BLACK.stroke_width(2),
            )])?;
            chart.draw_series([Text::new(
                format!("{}, to {}: {middle:.0}", PEERS[peer].name, SINKS[sink]),
                (high.max(middle) * 1.15, row + 0.7),
                ("sans-serif", 13),
            )])?;
        }
    }
    area.present()?;
    Ok(())
}
